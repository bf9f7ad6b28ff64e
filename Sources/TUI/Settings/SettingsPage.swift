import Graph
import Terminal

/// `docs/configuration.md`, written from the table of settings.
public enum SettingsPage {
    /// The page.
    public static var document: String {
        var text = """
            # Settings

            Written by `make docs` from the table of settings in `Sources/TUI/Settings`.

            What you choose for all sessions is kept in `config.json`, in `$XDG_CONFIG_HOME/magikbench`, or in
            `~/.config/magikbench` where that variable is not set:

            ```json
            {
              "theme": "dark",
              "keys": {"fix": "X", "undo": ["Ctrl-G", "u"]},
              "run": {"epochs": 20}
            }
            ```

            The file is read when the screen opens. Something wrong in it never keeps the program from starting: the screen says
            what is wrong in one line, with line and column, and the rest of the file holds. `M` shows the lines whole.

            ```sh
            magikbench config                      # what holds, and where it comes from
            magikbench config --check              # what is wrong in the file; exit code 1 where something is
            magikbench config set theme=dark       # writes a setting; theme= takes it out
            ```

            On the screen, `:settings` shows the same, and `:theme` tries a theme.

            An option of the command line comes before all else (`--plots`, `--ascii`, `--theme`, `--color never`, `--no-mouse`),
            then the environment (`NO_COLOR` takes the colours of every theme, a locale without UTF-8 leaves ASCII
            alone, `MAGIKBENCH_NOTIFY` names a notification), then
            `config.json`, then the standard.


            """
        text += "| setting | may be | standard | does |\n|---|---|---|---|\n"
        for setting in Setting.all {
            text +=
                "| `\(setting.name)` | \(setting.values) | `\(setting.value(Settings()).text)` | \(setting.help) |\n"
        }
        text += """
            | `keys` | an object: the name of a command, and its key or a list of keys | | Keys in place of those in [keys.md](keys.md). |
            | `run` | an object: an option of `magikbench train` without its dashes, and its value | | What the form of a new run begins with, in a session whose last run had no options of its own. |

            ## Themes

            | theme | is |
            |---|---|

            """
        for theme in Theme.allCases { text += "| `\(theme.rawValue)` | \(theme.help) |\n" }
        text += """

            `dark`, `light`, `high-contrast` and `colour-blind-safe` have a ground of their own, and one more for the selected row; all
            text stands out from both at a contrast of 4.5:1 at least. They take a terminal of 256 colours; with fewer, all themes
            are that of 16. `colour-blind-safe` has the palette of M. Okabe and K. Ito (Color Universal Design, 2008), each colour as
            near as 256 colours come to it. No theme says anything by colour alone.

            ## Keys

            A key is a character, or one of these words: `Ctrl-A` to `Ctrl-Z`, `F1` to `F12`, `Space`, `Enter`, `Tab`, `Shift-Tab`, `Esc`,
            `Backspace`, `Delete`, `Insert`, `Home`, `End`, `PgUp`, `PgDn`, `Up`, `Down`, `Left`, `Right`. A command that is given keys
            loses those of the table, so that two commands can be exchanged by giving both. `[]` leaves a command without a key. A key
            that another command has in the same place stays there, and the screen names that command. Footer, help and palette show the
            keys that hold.

            ## Options of new runs

            \(OptionForm.runOptions.map { "`\($0.option.dropFirst(2))`" }.joined(separator: ", ")).

            """
        return text
    }
}
