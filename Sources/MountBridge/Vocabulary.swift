import Tree

// FUSEKit has types of the same names; in this module they are FUSEKit's, and the tree's have these.

/// Who asks, as the tree takes it.
typealias NodeCaller = Caller
/// An open file of the tree.
typealias NodeFile = OpenedFile
