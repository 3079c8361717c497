import CLibvirt
import Dispatch
import Synchronization

/// One transfer of a volume's content (virStorageVolDownload over a stream that never blocks). libvirt's event loop takes
/// in what the host sends and hands it on in parts; whoever runs it sleeps until one is whole. A stream that blocks wakes
/// its own thread and the event loop in turn for every message, which takes twice the processor time.
struct VolumeDownload: ~Copyable {
    /// How content is cut into parts.
    struct Cut: Sendable {
        /// Bytes of data after which it ends.
        var limit: Int
        /// Bytes of data after which a part ends.
        var part: Int
        /// Bytes of a hole behind which a part ends.
        var hole: Int
    }

    private let pointer: virStreamPtr
    /// The stream holds it.
    private let connection: virConnectPtr
    private let id: UInt
    private let receiver: VolumeReceiver
    /// How long nothing may come before it is asked whether the connection is there: its loss ends no stream.
    private static let interval = DispatchTimeInterval.milliseconds(500)

    init(of volume: StorageVolume, _ range: Range<Int>, _ cut: Cut, _ buffers: VolumeBuffers, _ flags: UInt32)
        throws(LibvirtError)
    {
        let connection = try check(virStorageVolGetConnect(volume.pointer))
        let stream = try check(virStreamNew(connection, VIR_STREAM_NONBLOCK.rawValue))
        let (offset, length) = (UInt64(range.lowerBound), UInt64(range.count))
        guard virStorageVolDownload(volume.pointer, stream, offset, length, flags) >= 0 else {
            let error = LibvirtError.last()
            virStreamFree(stream)
            throw error
        }
        pointer = stream
        self.connection = connection
        receiver = VolumeReceiver(range, cut, buffers)
        id = VolumeReceiver.all.add(receiver)
    }

    deinit {
        virStreamFree(pointer)
    }

    /// Hands on what comes until it ends, or is not wanted any more. Blocks.
    consuming func run(isWanted: () -> Bool, _ tell: (VolumePart) -> Void) throws(LibvirtError) {
        var ending: VolumeReceiver.Ending?
        var failure: LibvirtError?
        do throws(LibvirtError) {
            try watch()
            ending = try receive(isWanted, tell)
        } catch { failure = error }
        unwatch()
        if case .failure(let error) = ending { failure = error }
        guard failure == nil, case .end = ending else {
            virStreamAbort(pointer)
            if let failure { throw failure }
            return
        }
        try check(virStreamFinish(pointer))
    }

    /// nil where it was not wanted any more.
    private func receive(_ isWanted: () -> Bool, _ tell: (VolumePart) -> Void) throws(LibvirtError)
        -> VolumeReceiver.Ending?
    {
        while isWanted() {
            let (parts, ending) = receiver.take()
            for part in parts { tell(part) }
            if let ending { return ending }
            guard receiver.arrival.wait(timeout: .now() + Self.interval) == .timedOut else { continue }
            guard virConnectIsAlive(connection) == 1 else {
                throw LibvirtError(code: .rpc, message: "the connection was lost while content came")
            }
        }
        return nil
    }

    private func watch() throws(LibvirtError) {
        let events =
            VIR_STREAM_EVENT_READABLE.rawValue | VIR_STREAM_EVENT_ERROR.rawValue | VIR_STREAM_EVENT_HANGUP.rawValue
        let context = UnsafeMutableRawPointer(bitPattern: id)
        let callback: virStreamEventCallback = { stream, _, context in
            guard let stream, let receiver = VolumeReceiver.all.value(of: context) else { return }
            receiver.receive(from: stream)
        }
        try check(virStreamEventAddCallback(pointer, Int32(bitPattern: events), callback, context, nil))
    }

    /// Nothing is taken from the stream after this.
    private func unwatch() {
        virStreamEventRemoveCallback(pointer)
        VolumeReceiver.all.remove(id)
        receiver.close()
    }
}
