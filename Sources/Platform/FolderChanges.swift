#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

// Making, replacing and removing.
extension Folder {
    /// Makes a folder; false where one of that name is there already. Throws where that is anything else.
    package func makeFolder(_ name: String) throws(DiskError) -> Bool {
        try placed(name) { place throws(DiskError) in
            if unsafe mkdirat(place.folder, place.last, 0o777) == 0 { return true }
            guard errno == EEXIST else { throw .last }
            _ = try place.status(.folder)
            return false
        }
    }

    /// Puts new bytes in a file's place, or makes the file.
    ///
    /// Writes beside the file, waits for the disk, renames and waits for the folder. The old file's permissions and
    /// owner stay. Where it throws, the old file is as it was and nothing is left beside it, but for `unsynced`. Throws where
    /// the name stands for a link, or anything else but a plain file.
    package func replace(
        _ name: String, with bytes: [UInt8], writing: Disk.Write = Disk.writeOut
    ) throws(DiskError) {
        try replace(name, pieces: [bytes[...]], writing: writing)
    }

    /// Puts new bytes, given in pieces, in a file's place: large files need not be in memory twice.
    package func replace(
        _ name: String, pieces: [ArraySlice<UInt8>], writing: Disk.Write = Disk.writeOut
    ) throws(DiskError) {
        try placed(name) { place throws(DiskError) in
            let old = try place.status(.file)
            let (temporary, descriptor) = try place.makeFile(mode: old.map { $0.st_mode & 0o777 } ?? 0o666)
            do throws(DiskError) {
                try fill(descriptor, with: pieces, like: old, writing: writing)
                guard unsafe renameat(place.folder, temporary, place.folder, place.last) == 0 else {
                    throw DiskError.last
                }
            } catch {
                unsafe unlinkat(place.folder, temporary, 0)
                let isFull = error == .system(ENOSPC) || error == .system(EDQUOT)
                throw isFull ? .full(disk: Disk.disk(of: path)) : error
            }
            try place.sync()
        }
    }

    /// Gives a plain file another name of the same folder, in place of the file that has it.
    package func move(_ name: String, to target: String) throws(DiskError) {
        try placed(name) { place throws(DiskError) in
            guard try place.status(.file) != nil else { throw .system(ENOENT) }
            _ = try Place(folder: place.folder, last: target, name: target).status(.file)
            guard unsafe renameat(place.folder, place.last, place.folder, target) == 0 else { throw .last }
            try place.sync()
        }
    }

    /// Removes a file that is not wanted any more, or was made for nothing; a link itself, and never what it leads to.
    package func discard(_ name: String) {
        do {
            _ = try place(name) { place throws(DiskError) in unsafe unlinkat(place.folder, place.last, 0) }
        } catch {
            // It lies behind a link, and is none of ours.
        }
    }

    /// Removes a folder that was made for nothing, unless something is in it by now.
    package func discardFolder(_ name: String) {
        do {
            _ = try place(name) { place throws(DiskError) in
                unsafe unlinkat(place.folder, place.last, AT_REMOVEDIR)
            }
        } catch {
            // It lies behind a link, and is none of ours.
        }
    }

    /// Removes a folder with its files, where it is there; one that has folders of its own is not ours and stays.
    package func removeFolder(_ name: String) throws(DiskError) {
        guard
            try place(name, { place throws(DiskError) in try place.status(.folder) })?.map({ _ in true })
                == true
        else { return }
        for file in try names(in: name) {
            try placed(name + "/" + file) { place throws(DiskError) in
                if unsafe unlinkat(place.folder, place.last, 0) == 0 || errno == ENOENT { return }
                throw errno == EISDIR || errno == EPERM ? .keeps(place.name) : .last
            }
        }
        try placed(name) { place throws(DiskError) in
            guard unsafe unlinkat(place.folder, place.last, AT_REMOVEDIR) == 0 else { throw .last }
        }
    }

    /// Removes what a process that was killed while it replaced files of the folder, or of a folder in it, has left beside them.
    package func discardLeftovers(of process: Int, in name: String? = nil) throws(DiskError) {
        let mark = Place.temporaryMark(process)
        for file in try names(in: name) where file.hasSuffix(mark) || file.contains(mark + "-") {
            discard((name.map { $0 + "/" } ?? "") + file)
        }
    }
}

extension Folder.Place {
    /// What the name of a file has behind it while it is being written.
    fileprivate static func temporaryMark(_ process: Int) -> String { ".tmp-\(process)" }

    /// A new file that only this process writes, named after the process. A file that already has the name stays as it is.
    fileprivate func makeFile(mode: mode_t) throws(DiskError) -> (name: String, descriptor: Int32) {
        for attempt in 0..<100 {
            let temporary =
                last + Folder.Place.temporaryMark(Int(getpid())) + (attempt == 0 ? "" : "-\(attempt)")
            let descriptor = unsafe openat(
                folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
            if descriptor >= 0 { return (temporary, descriptor) }
            guard errno == EEXIST else { throw .last }
        }
        throw .system(EEXIST)
    }

    /// Waits until the folder is on disk.
    fileprivate func sync() throws(DiskError) {
        // Some file systems have no folders to wait for, and say EINVAL.
        guard retried({ Int(fsync(folder)) }) == 0 || errno == EINVAL else {
            throw .unsynced("\(DiskError.last)")
        }
    }
}

/// Writes all pieces, gives the file the owner and permissions of the old one, waits for the disk and closes.
private func fill(
    _ descriptor: Int32, with pieces: [ArraySlice<UInt8>], like old: stat?, writing: Disk.Write
) throws(DiskError) {
    var isOpen = true
    defer { if isOpen { close(descriptor) } }
    for piece in pieces {
        var left = piece
        while !left.isEmpty {
            let count = retried { writing(descriptor, left) }
            guard count >= 0 else { throw .last }
            guard count > 0 else { throw .system(EIO) }
            left = left.dropFirst(count)
        }
    }
    if let old {
        // Only root can give files away; for anybody else the new file stays their own.
        guard fchown(descriptor, old.st_uid, old.st_gid) == 0 || errno == EPERM else { throw .last }
        guard fchmod(descriptor, old.st_mode & 0o7777) == 0 else { throw .last }
    }
    guard retried({ Int(fsync(descriptor)) }) == 0 else { throw .last }
    isOpen = false
    guard close(descriptor) == 0 else { throw .last }
}
