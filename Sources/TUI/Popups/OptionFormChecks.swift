import QAT

// What settings that are typed may be.
extension OptionForm.Setting {
    /// Why a text is not taken for the setting; nil where it is, or where only the command can tell.
    func problem(with text: String) -> String? {
        guard !text.isEmpty, text != standard else { return nil }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        let isCount = { (number: Int?) in number.map { $0 > 0 } ?? false }
        switch option {
        case "--recipe":
            let widths = TrainingPlan.Stage.widths
            return parts.allSatisfy { $0.map(widths.contains) ?? false }
                ? nil : "a recipe is 32 for float or 2 to 8 bits, one number for each stage: 32,8,4"
        case "--epochs":
            return parts.allSatisfy(isCount)
                ? nil : "epochs are a whole number of 1 or more, or one for each stage: 3,2,2"
        case "--batch", "--samples", "--steps", "--processes", "--accumulate":
            return isCount(Int(text)) ? nil : "\(title) is a whole number of 1 or more"
        case "--threads": return isCount(Int(text)) ? nil : "threads are a whole number of 1 or more, or auto"
        case "--seed": return UInt64(text) == nil ? "a seed is a whole number of 0 or more" : nil
        case "--learning-rate":
            let rates = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
            return rates.allSatisfy { $0.map { $0 > 0 && $0.isFinite } ?? false }
                ? nil : "a rate is a number above 0, or one for each stage: 0.1,0.01"
        default: return nil
        }
    }
}
