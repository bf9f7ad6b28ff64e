/// What a report is written as.
public enum ReportFormat: String, CaseIterable, Hashable, Sendable {
    /// A page for browsers and paper, in one file.
    case html
    /// GitHub's Markdown, for a pull request.
    case markdown

    /// The format that a file's name asks for; HTML where it asks for none.
    public init(path: String) {
        let lower = path.lowercased()
        self = lower.hasSuffix(".md") || lower.hasSuffix(".markdown") ? .markdown : .html
    }

    /// The ending of its files.
    public var ending: String {
        switch self {
        case .html: ".html"
        case .markdown: ".md"
        }
    }

    /// A report in this format. The text ends with a line break.
    public func text(of report: SessionReport) -> String {
        switch self {
        case .html: HTMLReport(report: report).text
        case .markdown: MarkdownReport(report: report).text
        }
    }
}
