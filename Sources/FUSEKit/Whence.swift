/// What an lseek looks for, from its offset on. Other kinds of lseek(2) the kernel answers by itself.
public enum Whence: Sendable {
    /// SEEK_DATA: the next byte that is not in a hole.
    case data
    /// SEEK_HOLE: the next byte that is in a hole; the end of the file counts as one.
    case hole
}
