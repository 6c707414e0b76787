//! What a person does to workspaces, boards and columns, and what is to be seen of them.

use serde_json::Value;

use super::Monday;

/// A column as a person sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnView {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its type in the API's words.
    pub kind: String,
    /// Its description; empty where it has none.
    pub description: String,
    /// Its settings, labels included.
    pub settings: Value,
}

impl Monday {
    /// Makes a workspace; gives its id.
    pub fn add_workspace(&mut self, name: &str) -> String {
        let id = self.state.new_id();
        self.state.workspaces.insert(id, name.to_owned());
        id.to_string()
    }

    /// The ids of the workspaces.
    pub fn workspaces(&self) -> Vec<String> {
        self.state.workspaces.keys().map(u64::to_string).collect()
    }

    /// The active boards of a workspace: id, name and description.
    pub fn boards_in(&self, workspace: &str) -> Vec<(String, String, String)> {
        let boards = self.state.boards.values().filter(|board| board.workspace.to_string() == workspace);
        let active = boards.filter(|board| !self.state.traits_of(board.id).is_archived);
        active
            .map(|board| (board.id.to_string(), board.name.clone(), board.description.clone().unwrap_or_default()))
            .collect()
    }

    /// The columns of a board, from left to right.
    pub fn columns_of(&self, board: &str) -> Vec<ColumnView> {
        let board = self.state.board(board).expect("a test looks at a board that there is");
        let view = |column: &super::board::Column| ColumnView {
            id: column.id.clone(),
            title: column.title.clone(),
            kind: column.kind.clone(),
            description: column.description.clone().unwrap_or_default(),
            settings: column.settings(),
        };
        board.columns.iter().map(view).collect()
    }
}
