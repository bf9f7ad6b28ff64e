import CCurses

/// What was printed through the C library.
public enum StandardOutput {
    /// Writes out what is still kept back, and gives the number of an error where not all of what was printed could be written.
    public static func finish() -> Int32? {
        let number = cc_finish_output()
        return number == 0 ? nil : number
    }
}
