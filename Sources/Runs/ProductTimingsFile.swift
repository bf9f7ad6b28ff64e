import Graph
import Platform
public import QAT

/// Where the times of products are kept between runs, by machine, in the user's cache folder.
///
/// The file only saves measuring again. One that cannot be read counts as empty, and one that cannot be written is left as
/// it is.
public struct ProductTimingsFile: Sendable {
    /// The folder, which may not be there yet.
    let folder: String
    /// What the times belong to: the processor, and what computes products.
    let machine: String

    private static let name = "products.json"
    private static let sizeLimit = 16 << 20

    /// A file in a folder.
    package init(folder: String, machine: String = ProductTimingsFile.machine) {
        self.folder = folder
        self.machine = machine
    }

    /// The user's, in `$XDG_CACHE_HOME/magikbench` or `~/.cache/magikbench`; nil where there is no home.
    public static var ofUser: ProductTimingsFile? {
        UserFolder.cache.path.map { ProductTimingsFile(folder: $0) }
    }

    /// The user's by an environment.
    package static func ofUser(_ environment: (String) -> String?) -> ProductTimingsFile? {
        UserFolder.cache.path(environment).map { ProductTimingsFile(folder: $0) }
    }

    /// The times of this machine.
    public func read() -> ProductTimings {
        machines.first { $0.key == machine }.map { ProductTimings($0.value) } ?? ProductTimings()
    }

    /// Adds times of this machine to the file, which is put in place whole.
    public func add(_ timings: ProductTimings) {
        let all = read()
        let before = all.json
        all.add(timings)
        guard all.json != before else { return }
        let others = machines.filter { $0.key != machine }
        let file = JSON.object([.init("machines", .object(others + [.init(machine, all.json)]))])
        do {
            try Disk.makePrivateFolders(folder)
            try Folder(folder).replace(ProductTimingsFile.name, with: Array(file.compact.utf8))
        } catch {
            // The next run measures again.
        }
    }

    private var machines: [JSON.Member] {
        do {
            let path = folder + "/" + ProductTimingsFile.name
            let bytes = try Disk.read(path, limit: ProductTimingsFile.sizeLimit)
            guard case .object(let members)? = try JSON(bytes: bytes)["machines"] else { return [] }
            return members
        } catch {
            return []
        }
    }

    /// The processor as the system names it, and what computes products.
    package static var machine: String {
        var lines: [Substring] = []
        do {
            let text = String(decoding: try Disk.read("/proc/cpuinfo", limit: 16 << 20), as: UTF8.self)
            let first = text.split(separator: "\n\n", maxSplits: 1).first ?? ""
            lines = first.split(separator: "\n")
        } catch {
            // Without a name all processors count as one.
        }
        let facts = ["model name", "cpu family", "model", "stepping"].compactMap { name in
            lines.first { $0.split(separator: ":").first?.trimmed == name }
                .flatMap { $0.split(separator: ":", maxSplits: 1).last?.trimmed }
        }
        return (facts.isEmpty ? ["unknown processor"] : facts).joined(separator: " ") + ", "
            + ProductTimings.version
    }
}
