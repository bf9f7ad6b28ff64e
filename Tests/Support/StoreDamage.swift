/// Damage to the run store of a session, as another program may do it.
public enum StoreDamage {
    /// Runs a statement of SQL on the store of a session.
    public static func apply(_ statement: String, to session: String) throws {
        try StoreFuzz.apply(statement, to: session + "/runs.sqlite")
    }
}
