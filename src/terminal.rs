//! A whole terminal as a screen: keys in, frames out. Whatever ends the work, the terminal is given back as it was.

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::crossterm::{cursor, execute};
use ratatui::prelude::CrosstermBackend;
use ratatui::{Frame, Terminal};
use std::io::{IsTerminal, Stdout, stdin, stdout};
use std::time::Duration;

/// Key that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// A letter, digit or sign.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Escape,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
    /// Ctrl-C, which is no signal here.
    Interrupt,
}

impl Key {
    /// The key of an event; `None` of keys that mean nothing here, and of a key that is let go.
    fn of(event: KeyEvent) -> Option<Key> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let is_control = event.modifiers.contains(KeyModifiers::CONTROL);
        Some(match event.code {
            KeyCode::Char('c') if is_control => Key::Interrupt,
            KeyCode::Char(_) if is_control || event.modifiers.contains(KeyModifiers::ALT) => return None,
            KeyCode::Char(letter) => Key::Char(letter),
            KeyCode::Enter => Key::Enter,
            KeyCode::Esc => Key::Escape,
            KeyCode::Tab | KeyCode::BackTab => Key::Tab,
            KeyCode::Backspace | KeyCode::Delete => Key::Backspace,
            KeyCode::Up => Key::Up,
            KeyCode::Down => Key::Down,
            KeyCode::Left => Key::Left,
            KeyCode::Right => Key::Right,
            KeyCode::PageUp => Key::PageUp,
            KeyCode::PageDown => Key::PageDown,
            KeyCode::Home => Key::Home,
            KeyCode::End => Key::End,
            _ => return None,
        })
    }
}

/// Input of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    /// A key.
    Key(Key),
    /// The terminal has another size.
    Resized,
}

/// Hook that is called at a panic.
type PanicHook = Box<dyn Fn(&std::panic::PanicHookInfo<'_>) + Sync + Send + 'static>;

/// Terminal, all of which is drawn on. Dropped, it is as it was before.
pub(crate) struct FullScreen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

/// Whether somebody types at stdin and reads stdout.
pub(crate) fn is_there() -> bool {
    stdin().is_terminal() && stdout().is_terminal()
}

/// Gives the terminal back. What fails here fails because the terminal is gone.
fn restore() {
    let _ = disable_raw_mode();
    let _ = execute!(stdout(), LeaveAlternateScreen, cursor::Show);
}

/// What is said of a panic has to stand on the screen that stays.
fn restore_on_panic() {
    let previous: PanicHook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        restore();
        previous(panic);
    }));
}

impl FullScreen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// Where it does not let itself be taken over.
    pub(crate) fn open() -> std::io::Result<FullScreen> {
        restore_on_panic();
        enable_raw_mode()?;
        // From here on dropping gives it back.
        let screen = FullScreen { terminal: Terminal::new(CrosstermBackend::new(stdout()))? };
        execute!(stdout(), EnterAlternateScreen, cursor::Hide)?;
        Ok(screen)
    }

    /// Draws a frame; only what differs from the last one is written.
    ///
    /// # Errors
    /// Where the terminal cannot be written to.
    pub(crate) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> std::io::Result<()> {
        self.terminal.draw(draw).map(|_| ())
    }

    /// How many lines it has.
    pub(crate) fn height(&self) -> u16 {
        self.terminal.size().map_or(24, |size| size.height)
    }

    /// Waits for input, at most so long.
    ///
    /// # Errors
    /// Where the terminal is gone.
    pub(crate) fn input(&mut self, most: Duration) -> std::io::Result<Option<Input>> {
        if !event::poll(most)? {
            return Ok(None);
        }
        Ok(match event::read()? {
            Event::Key(event) => Key::of(event).map(Input::Key),
            Event::Resize(..) => Some(Input::Resized),
            _ => None,
        })
    }
}

impl Drop for FullScreen {
    fn drop(&mut self) {
        restore();
    }
}
