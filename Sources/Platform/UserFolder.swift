#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The folders of this program among a user's, as the XDG base directory specification has them.
package enum UserFolder {
    /// What should outlive the program and is no document.
    case state
    /// What can be made again.
    case cache
    /// What a person has set.
    case configuration

    /// The variable that names the parent, and where that is below the home folder without it.
    private var place: (variable: String, standard: String) {
        switch self {
        case .state: ("XDG_STATE_HOME", "/.local/state")
        case .cache: ("XDG_CACHE_HOME", "/.cache")
        case .configuration: ("XDG_CONFIG_HOME", "/.config")
        }
    }

    /// The path, which may not be there yet; nil where there is no home.
    package var path: String? {
        path { name in
            unsafe getenv(name).map { unsafe String(cString: $0) }
        }
    }

    /// The path by an environment; paths that do not start at the root count as unset, as the specification says.
    package func path(_ environment: (String) -> String?) -> String? {
        if let parent = environment(place.variable), parent.hasPrefix("/") { return parent + "/magikbench" }
        guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
        return home + place.standard + "/magikbench"
    }
}
