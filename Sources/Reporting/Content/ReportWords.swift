import Editing
import Graph
import QAT

/// Numbers and names as reports write them.
enum ReportWords {
    /// Decibels, "exact" where nothing is lost, and nothing where no quantizer acts.
    static func decibels(_ tensor: ProbedTensor?) -> String {
        guard let tensor, tensor.quantizer != nil else { return Figures.none }
        return tensor.observation.sqnr.map(Figures.decibels) ?? "exact"
    }

    /// A share of right answers: "92.3%".
    static func share(_ share: Double?) -> String { share.map { Figures.accuracy($0) + "%" } ?? Figures.none }

    /// "0.461".
    static func loss(_ loss: Double?) -> String { loss.map(Figures.significant) ?? Figures.none }

    /// "1 error, 2 warnings".
    static func counted(_ count: Int, _ noun: String) -> String {
        noun == "advice" ? "\(count) advice" : Graph.counted(count, noun)
    }

    /// The length of a bar for decibels: 48 dB, all that 8 bits give, fill it.
    static func bar(ofDecibels decibels: Double?) -> Double? { decibels.map { min(1, max(0, $0 / 48)) } }

    /// The first letter as a capital.
    static func sentence(_ text: String) -> String {
        let first = text.prefix(1).uppercased() + text.dropFirst()
        return first.isEmpty || first.hasSuffix(".") ? first : first + "."
    }
}
