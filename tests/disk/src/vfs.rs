//! The layer itself: SQLite's default VFS, with a look at what passes.
#![allow(clippy::undocumented_unsafe_blocks, reason = "all pointers are SQLite's, and live as its documentation says")]

use super::{Shared, lock, watched};
use crate::log::FileLog;
use rusqlite::ffi::{
    SQLITE_FULL, SQLITE_OK, sqlite3_file, sqlite3_filename, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs,
    sqlite3_vfs_find, sqlite3_vfs_register,
};
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use std::sync::OnceLock;

/// File as SQLite holds it; the usual one stands behind it in memory.
#[repr(C)]
struct File {
    base: sqlite3_file,
    watch: *mut Watch,
}

/// A file that is watched.
struct Watch {
    state: Shared,
    path: PathBuf,
}

struct Usual(*mut sqlite3_vfs);
// It is registered once and never changes.
unsafe impl Send for Usual {}
unsafe impl Sync for Usual {}

static USUAL: OnceLock<Usual> = OnceLock::new();

/// Puts the layer before SQLite's default VFS, once.
pub(crate) fn install() {
    USUAL.get_or_init(|| unsafe {
        let usual = sqlite3_vfs_find(null_mut::<c_char>().cast_const());
        let mut layer = std::ptr::read(usual);
        layer.zName = c"watched".as_ptr();
        layer.szOsFile += c_int::try_from(size_of::<File>()).expect("a small number");
        layer.pNext = null_mut();
        layer.xOpen = Some(open);
        layer.xDelete = Some(delete);
        sqlite3_vfs_register(Box::into_raw(Box::new(layer)), 1);
        Usual(usual)
    });
}

fn usual() -> *mut sqlite3_vfs {
    USUAL.get().expect("it is installed").0
}

unsafe fn path_of<'p>(name: *const c_char) -> Option<&'p Path> {
    if name.is_null() {
        return None;
    }
    Some(Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(name) }.to_bytes())))
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    unsafe {
        let (ours, inner) = (file.cast::<File>(), inner(file));
        (*ours).base.pMethods = std::ptr::null();
        (*ours).watch = null_mut();
        let code = (*usual()).xOpen.expect("a method")(usual(), name, inner, flags, out);
        if (*inner).pMethods.is_null() {
            return code;
        }
        (*ours).base.pMethods = &METHODS;
        if let Some(path) = path_of(name)
            && let Some(state) = watched(path)
        {
            lock(&state).files.entry(path.to_owned()).or_insert_with(|| FileLog::of(path));
            (*ours).watch = Box::into_raw(Box::new(Watch { state, path: path.to_owned() }));
        }
        code
    }
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    unsafe {
        if let Some(path) = path_of(name)
            && let Some(state) = watched(path)
        {
            lock(&state).files.remove(path);
        }
        (*usual()).xDelete.expect("a method")(usual(), name, sync)
    }
}

unsafe fn inner(file: *mut sqlite3_file) -> *mut sqlite3_file {
    unsafe { file.cast::<u8>().add(size_of::<File>()).cast() }
}

/// The usual file's methods, and the usual file.
unsafe fn below<'m>(file: *mut sqlite3_file) -> (&'m sqlite3_io_methods, *mut sqlite3_file) {
    unsafe {
        let inner = inner(file);
        (&*(*inner).pMethods, inner)
    }
}

/// Does something with what is known of a file, if it is watched.
unsafe fn on_log<T>(file: *mut sqlite3_file, work: impl FnOnce(&mut super::State, &Path) -> T) -> Option<T> {
    let watch = unsafe { (*file.cast::<File>()).watch.as_ref() }?;
    Some(work(&mut lock(&watch.state), &watch.path))
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    unsafe {
        let watch = std::mem::replace(&mut (*file.cast::<File>()).watch, null_mut());
        if !watch.is_null() {
            drop(Box::from_raw(watch));
        }
        let (methods, inner) = below(file);
        methods.xClose.expect("a method")(inner)
    }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, bytes: *const c_void, count: c_int, at: sqlite3_int64) -> c_int {
    unsafe {
        let has_room = on_log(file, |state, _| match &mut state.room {
            Some(0) => {
                state.refused += 1;
                false
            }
            Some(room) => {
                *room -= 1;
                true
            }
            None => true,
        });
        if has_room == Some(false) {
            return SQLITE_FULL;
        }
        let (methods, inner) = below(file);
        let code = methods.xWrite.expect("a method")(inner, bytes, count, at);
        if let (SQLITE_OK, Ok(count), Ok(at)) = (code, usize::try_from(count), usize::try_from(at)) {
            let bytes = std::slice::from_raw_parts(bytes.cast::<u8>(), count);
            on_log(file, |state, path| state.files.get_mut(path).map(|log| log.write(at, bytes)));
        }
        code
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    unsafe {
        let (methods, inner) = below(file);
        let code = methods.xTruncate.expect("a method")(inner, size);
        if let (SQLITE_OK, Ok(size)) = (code, usize::try_from(size)) {
            on_log(file, |state, path| state.files.get_mut(path).map(|log| log.truncate(size)));
        }
        code
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, flags: c_int) -> c_int {
    unsafe {
        // A file that is watched need not reach the real disk: nothing of it has to last.
        let is_watched = on_log(file, |state, path| state.files.get_mut(path).map(FileLog::sync));
        let (methods, inner) = below(file);
        if is_watched.is_some() { SQLITE_OK } else { methods.xSync.expect("a method")(inner, flags) }
    }
}

/// Methods that only pass on.
macro_rules! passes_on {
    ($($name:ident = $method:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        $(unsafe extern "C" fn $name(file: *mut sqlite3_file, $($argument: $type),*) $(-> $result)? {
            unsafe {
                let (methods, inner) = below(file);
                methods.$method.expect("a method")(inner, $($argument),*)
            }
        })*
    };
}

passes_on! {
    read = xRead(bytes: *mut c_void, count: c_int, at: sqlite3_int64) -> c_int;
    file_size = xFileSize(size: *mut sqlite3_int64) -> c_int;
    take_lock = xLock(level: c_int) -> c_int;
    unlock = xUnlock(level: c_int) -> c_int;
    check_reserved_lock = xCheckReservedLock(is_held: *mut c_int) -> c_int;
    file_control = xFileControl(what: c_int, argument: *mut c_void) -> c_int;
    sector_size = xSectorSize() -> c_int;
    device_characteristics = xDeviceCharacteristics() -> c_int;
    shm_map = xShmMap(page: c_int, size: c_int, extends: c_int, memory: *mut *mut c_void) -> c_int;
    shm_lock = xShmLock(offset: c_int, count: c_int, flags: c_int) -> c_int;
    shm_barrier = xShmBarrier();
    shm_unmap = xShmUnmap(deletes: c_int) -> c_int;
    fetch = xFetch(at: sqlite3_int64, count: c_int, memory: *mut *mut c_void) -> c_int;
    unfetch = xUnfetch(at: sqlite3_int64, memory: *mut c_void) -> c_int;
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 3,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(take_lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: Some(fetch),
    xUnfetch: Some(unfetch),
};
