//! What a webhook told of an entity. It is a hint: the truth is read again.

/// One event, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notice {
    /// HApi's name of the entity, such as `TenantParking`; `None`: unreadable.
    pub name: Option<String>,
    /// Its Id as a key has it, such as `1472`; `None`: unreadable.
    pub subject: Option<String>,
    /// What happened; `None`: HApi has no such status, or it is unreadable.
    pub happened: Option<Happened>,
    /// The client database that it says it is from, such as `DEV/ALEX`; `None`: it says none.
    pub database: Option<String>,
    /// The body as received, where not all of it could be read.
    pub raw: Option<Vec<u8>>,
}

/// What a webhook says has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// 1.
    Update,
    /// 2.
    Delete,
    /// 3.
    Insert,
}

impl Happened {
    /// All of them.
    pub const ALL: [Happened; 3] = [Happened::Update, Happened::Delete, Happened::Insert];

    /// HApi's number for it. Source: HApi's integrator document (October 2024).
    pub fn number(self) -> i64 {
        match self {
            Happened::Update => 1,
            Happened::Delete => 2,
            Happened::Insert => 3,
        }
    }

    /// What a number of HApi's stands for.
    pub fn of_number(number: i64) -> Option<Happened> {
        Happened::ALL.into_iter().find(|one| one.number() == number)
    }

    /// Its name in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Happened::Update => "update",
            Happened::Delete => "delete",
            Happened::Insert => "insert",
        }
    }
}
