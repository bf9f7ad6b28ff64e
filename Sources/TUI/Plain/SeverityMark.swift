package import Devices
package import Terminal

extension TextStyle {
    /// The sign of a severity: ✗, ! or ·.
    package func mark(_ severity: Severity) -> String {
        switch severity {
        case .error: wrapped("✗", .error)
        case .warning: wrapped("!", .warning)
        case .advice: wrapped("·", .dim)
        }
    }
}
