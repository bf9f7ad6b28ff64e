/// How a report looks: light and dark as the reader's system has it, on narrow screens, and on paper.
enum ReportStyle {
    /// The style sheet.
    static let sheet = HTML([colours, page, tables, plots, shades, paper])

    /// One accent; alarm is for errors and lost values only.
    private static let colours: HTML = """
        :root { --paper: #ffffff; --soft: #f4f6f7; --line: #dfe4e8; --ink: #1c2126; --dim: #5f6a74; --accent: #0b6b82; --alarm: #b3361e; }
        @media (prefers-color-scheme: dark) { :root { --paper: #14181b; --soft: #1c2226; --line: #2d353b; --ink: #e2e7ea; --dim: #95a1aa; --accent: #5cc0d6; --alarm: #ff8e75; } }
        @media print { :root { --paper: #ffffff; --soft: #f4f6f7; --line: #cfd6db; --ink: #000000; --dim: #4a545c; --accent: #0b6b82; --alarm: #b3361e; } }

        """

    private static let page: HTML = """
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
        body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.5rem 5rem; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        .hidden { position: absolute; }
        h1 { margin: 0; font-size: 2.1rem; line-height: 1.2; font-weight: 700; letter-spacing: -0.015em; }
        h2 { margin: 3.25rem 0 1rem; padding-top: 0.9rem; border-top: 1px solid var(--line); font-size: 1.3rem; line-height: 1.3; font-weight: 600; letter-spacing: -0.01em; }
        h3 { margin: 1.9rem 0 0.6rem; font-size: 0.95rem; font-weight: 600; }
        p { margin: 0.5rem 0; max-width: 46rem; }
        a { color: var(--accent); text-decoration: none; }
        a:hover { text-decoration: underline; }
        code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace; font-size: 0.86em; }
        pre { margin: 1rem 0; padding: 0.8rem 1rem; background: var(--soft); border-radius: 6px; white-space: pre-wrap; }
        small, .remark, figcaption { color: var(--dim); font-size: 0.85rem; }
        .origin { margin: 0 0 0.4rem; color: var(--dim); font-size: 0.85rem; }
        .subtitle { margin: 0.35rem 0 0; color: var(--dim); font-size: 1.05rem; }
        nav { margin-top: 1.6rem; display: flex; flex-wrap: wrap; gap: 0.35rem 1.4rem; font-size: 0.9rem; }
        .facts { margin: 1.9rem 0 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(8.6rem, 1fr)); gap: 1.2rem 1.4rem; }
        .facts div { border-top: 2px solid var(--accent); padding-top: 0.5rem; }
        .facts dt { color: var(--dim); font-size: 0.85rem; line-height: 1.3; }
        .facts dd { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.35; letter-spacing: -0.01em; }
        .facts dd small { font-size: 0.9rem; font-weight: 400; letter-spacing: 0; }
        .facts dd.remark { font-size: 0.82rem; font-weight: 400; letter-spacing: 0; }
        .findings { list-style: none; margin: 1rem 0; padding: 0; }
        .findings li { margin: 0 0 1.1rem; padding-left: 0.9rem; border-left: 2px solid var(--line); }
        .findings li.error { border-color: var(--alarm); }
        .findings p { margin: 0.15rem 0; }
        .severity { font-weight: 600; }
        .error .severity { color: var(--alarm); }
        .layers code { background: var(--soft); border-radius: 3px; padding: 0.05rem 0.3rem; }

        """

    private static let tables: HTML = """
        .scroll { overflow-x: auto; margin: 0.8rem 0; }
        table { border-collapse: collapse; font-size: 0.87rem; line-height: 1.4; }
        .scroll > table:not(.confusion) { min-width: 60%; }
        th, td { padding: 0.3rem 1.1rem 0.3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: normal; }
        th:last-child, td:last-child { padding-right: 0; }
        thead th { color: var(--dim); font-weight: 500; vertical-align: bottom; white-space: nowrap; }
        tfoot td { font-weight: 600; border-bottom: 0; }
        th[title] { text-decoration: underline dotted var(--dim); }
        .n { text-align: right; white-space: nowrap; }
        .mark { font-weight: 700; color: var(--accent); }
        svg.bar { display: block; width: 5rem; height: 3px; margin: 3px 0 2px auto; fill: var(--accent); }
        .bar .track { fill: var(--line); }
        .confusion { border-collapse: separate; border-spacing: 2px; }
        .confusion th, .confusion td { border: 0; padding: 0.25rem 0.5rem; }
        .confusion td { text-align: right; min-width: 2.6rem; position: relative; z-index: 0; }
        .confusion svg { position: absolute; top: 0; left: 0; width: 100%; height: 100%; z-index: -1; fill: var(--accent); }
        .confusion .wrong svg { fill: var(--alarm); }
        .confusion .none { color: var(--line); }
        .confusion thead th { text-align: right; }
        .confusion tbody th { font-weight: 500; text-align: right; color: var(--dim); white-space: nowrap; }

        """

    private static let plots: HTML = """
        figure { margin: 1rem 0; }
        svg { display: block; width: 100%; height: auto; }
                svg text { font: 10px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums; fill: var(--dim); }
        .plot { overflow-x: auto; }
        .plot.wide svg { min-width: 34rem; }
        .plot figcaption { margin: 0.4rem 0; max-width: 46rem; }
        .curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); gap: 0 2rem; }
        .grid { stroke: var(--line); stroke-width: 1; }
        .axis { stroke: var(--dim); stroke-width: 0.8; }
        .noise { fill: var(--accent); }
        .bytes { fill: var(--dim); opacity: 0.55; }
        .bars { fill: var(--accent); opacity: 0.85; shape-rendering: crispEdges; }
        .lost { fill: url(#lost); }
        .hatch { fill: var(--alarm); }
        .clip { stroke: var(--ink); stroke-width: 0.9; stroke-dasharray: 3 2.5; }
        .level { stroke: var(--dim); stroke-width: 0.7; }
        .layers-values { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 0.4rem 2rem; }
        .layer { margin: 0.6rem 0; }
        .layer > figcaption { color: var(--dim); font-size: 0.87rem; }
        .layer > figcaption b { color: var(--ink); font-weight: 600; }
        .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0.2rem 1.2rem; }
        .pair p { margin: 0.2rem 0 0.3rem; font-size: 0.8rem; line-height: 1.4; }
        .pair b { font-weight: 500; }
        .pair .remark { display: block; }
        .pair .remark { font-size: 0.8rem; }
        .curve path { fill: none; stroke: var(--accent); stroke-width: 1.6; stroke-linejoin: round; }
        .curve circle { fill: var(--accent); }
        .curve.measured path { stroke-width: 0.9; stroke-dasharray: 1.5 3; }
        .curve.c1 path, .curve.c2 path, .curve.c3 path { stroke: var(--ink); }
        .curve.c1 circle, .curve.c2 circle, .curve.c3 circle { fill: var(--ink); }
        .curve.c2 { opacity: 0.6; }
        .curve.c3 { opacity: 0.4; }
        .curve.c1.trained path { stroke-width: 1.1; }
        .curve.c2.trained path { stroke-dasharray: 6 2; stroke-width: 1.1; }
        .curve.c3.trained path { stroke-dasharray: 2 2; stroke-width: 1.1; }
        svg .name { font-weight: 700; fill: var(--ink); }
        svg .name.c0 { fill: var(--accent); }
        .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 1.2rem; }
        .pictures figure { margin: 0; }
        .pictures img { display: block; width: 100%; height: auto; image-rendering: pixelated; border-radius: 4px; background: var(--soft); }
        .pictures figcaption { margin-top: 0.4rem; display: flex; flex-wrap: wrap; gap: 0 0.8rem; line-height: 1.4; }
        .pictures b { color: var(--ink); font-weight: 600; }

        """

    /// Shades of the confusion matrix: a twentieth of a row each.
    private static let shades = HTML(
        (1...20).map { step in
            let light: HTML = step > 12 ? ".confusion .s\(step) { color: var(--paper); }\n" : ""
            return ".confusion .s\(step) svg { opacity: \(opacity(step)); }\n\(light)"
        })

    private static func opacity(_ step: Int) -> HTML {
        let hundredths = 6 + step * 94 / 20
        return hundredths >= 100 ? "1" : hundredths < 10 ? "0.0\(hundredths)" : "0.\(hundredths)"
    }

    private static let paper: HTML = """
        @media (max-width: 40rem) {
        body { padding: 1.4rem 1rem 3rem; }
        h1 { font-size: 1.6rem; }
        h2 { margin-top: 2.4rem; }
        .facts { grid-template-columns: 1fr 1fr; }
        .scroll > table:not(.confusion) { width: max-content; }
        td { max-width: 18rem; }
        .pair { grid-template-columns: 1fr; }
                .pictures { grid-template-columns: 1fr 1fr; gap: 0.9rem; }
        }
        @page { margin: 15mm; }
        @media print {
        html { font-size: 12px; }
        body { max-width: none; padding: 0; font-size: 9.5pt; }
        p { orphans: 3; widows: 3; }
        .facts { grid-template-columns: repeat(6, 1fr); }
        nav { display: none; }
        h2 { margin-top: 1.8rem; }
        h2, h3, figcaption { break-after: avoid; }
        figure, tr, .findings li, .facts div { break-inside: avoid; }
        thead { display: table-header-group; }
        .scroll, .plot { overflow: visible; }
        .plot.wide svg { min-width: 0; }
        .curves { grid-template-columns: 1fr 1fr; }
        table { font-size: 7.6pt; }
        th, td { padding: 0.18rem 0.5rem 0.18rem 0; }
        svg.bar { width: 3rem; }
        .layers-values { grid-template-columns: 1fr 1fr; gap: 0.2rem 1.4rem; }
        .pictures { grid-template-columns: repeat(4, 1fr); }
        th[title] { text-decoration: none; }
        }
        """
}
