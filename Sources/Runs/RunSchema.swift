import GRDB
import QAT

/// The tables of the run store and their versions; `docs/session.md` describes them to people.
struct RunSchema: Sendable {
    /// What turns version 0, the empty file, into 1, that into 2, and so on. Those that were released never change.
    let migrations: [String]

    /// The newest version.
    var version: Int { migrations.count }

    /// The version of an open store. SQLite keeps the number in the file for programs.
    static func version(of database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    }

    /// Brings a store to the newest version; run it inside a transaction.
    func migrate(_ database: Database) throws {
        let found = try RunSchema.version(of: database)
        for version in migrations.indices where version >= found {
            try database.execute(sql: migrations[version])
            try database.execute(sql: "PRAGMA user_version = \(version + 1)")
        }
    }

    /// The schema of this program.
    static let current = RunSchema(migrations: base + added)

    /// The column of a number with a name in JSON: "learning_rate".
    static func column(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    }

    /// The statements from version 8 on, which add numbers of steps, of evaluations and of what is seen of layers.
    private static let added: [String] = {
        let columns =
            RunMetric.versions.map { ("metrics", $0.column, $0.version) }
            + MeasuredNumber.versions.map { ("evaluations", $0.column, $0.version) }
            + [("ranges", "dead_channels", 10), ("ranges", "statistics_gap", 10)]
        let newest = columns.map(\.2).max() ?? base.count
        return (base.count + 1...max(base.count + 1, newest)).map { version in
            (columns.filter { $0.2 == version }.map { "ALTER TABLE \($0.0) ADD COLUMN \($0.1) REAL;" }
                + (version == 10 ? [resumptions] : [])).joined(separator: "\n")
        }
    }()

    /// The table of version 10.
    private static let resumptions = """
        CREATE TABLE resumptions (
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            step INTEGER NOT NULL,
            resumed REAL NOT NULL,
            ended REAL,
            state TEXT NOT NULL,
            message TEXT,
            PRIMARY KEY (run, resumed)
        ) WITHOUT ROWID;
        """

    /// The statements up to version 7.
    private static let base = [
        """
        CREATE TABLE runs (
            id TEXT NOT NULL PRIMARY KEY,
            state TEXT NOT NULL,
            message TEXT,
            started REAL NOT NULL,
            ended REAL,
            heartbeat REAL NOT NULL,
            host TEXT NOT NULL,
            pid INTEGER NOT NULL,
            pid_start INTEGER,
            seed INTEGER NOT NULL,
            data TEXT NOT NULL,
            device TEXT NOT NULL,
            digest TEXT NOT NULL,
            plan TEXT NOT NULL,
            network TEXT NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE metrics (
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            step INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            stage INTEGER NOT NULL,
            loss REAL,
            accuracy REAL,
            learning_rate REAL,
            images_per_second REAL,
            PRIMARY KEY (run, step)
        ) WITHOUT ROWID;

        CREATE TABLE evaluations (
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            step INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            split TEXT NOT NULL,
            mode TEXT NOT NULL,
            loss REAL,
            accuracy REAL,
            PRIMARY KEY (run, step, split, mode)
        ) WITHOUT ROWID;

        CREATE TABLE ranges (
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            step INTEGER NOT NULL,
            layer TEXT NOT NULL,
            tensor TEXT NOT NULL,
            min REAL,
            max REAL,
            clip REAL,
            clip_ratio REAL,
            mean REAL,
            deviation REAL,
            sqnr REAL,
            PRIMARY KEY (run, step, layer, tensor)
        ) WITHOUT ROWID;

        CREATE TABLE histograms (
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            step INTEGER NOT NULL,
            layer TEXT NOT NULL,
            tensor TEXT NOT NULL,
            low REAL,
            high REAL,
            counts BLOB NOT NULL,
            PRIMARY KEY (run, step, layer, tensor)
        );

        CREATE TABLE checkpoints (
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            kind TEXT NOT NULL,
            step INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            path TEXT NOT NULL,
            written REAL NOT NULL,
            PRIMARY KEY (run, kind)
        ) WITHOUT ROWID;
        """,
        """
        ALTER TABLE runs ADD COLUMN steps INTEGER;
        ALTER TABLE runs ADD COLUMN epoch_steps INTEGER;
        """,
        """
        ALTER TABLE metrics ADD COLUMN written REAL;
        """,
        """
        ALTER TABLE runs ADD COLUMN note TEXT;
        """,
        """
        ALTER TABLE evaluations ADD COLUMN samples INTEGER;
        """,
        """
        ALTER TABLE ranges ADD COLUMN flips REAL;
        """,
        """
        ALTER TABLE evaluations ADD COLUMN sqnr REAL;
        """,
    ]
}
