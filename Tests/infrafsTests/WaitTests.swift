import Foundation
import Testing

@testable import infrafs

@Suite("wait and why")
struct WaitTests {
    let scratch = try? Scratch()

    private func job(_ status: String, _ progress: String, error: String = "") throws {
        let scratch = try #require(scratch)
        try scratch.write("jobs/1/operation", "vm.export\n")
        try scratch.write("jobs/1/target", "vms/web1\n")
        try scratch.write("jobs/1/status", status + "\n")
        try scratch.write("jobs/1/progress", progress + "\n")
        try scratch.write("jobs/1/error", error + "\n")
    }

    @Test("A job that is done, failed, or still running when the time is over")
    func jobs() throws {
        let scratch = try #require(scratch)
        try job("done", "100")
        let done = try scratch.infrafs("wait", "jobs/1/")
        #expect(done.status == 0 && done.output == "")
        #expect(done.error == "[####################] 100%  done  vm.export vms/web1\n")
        try job("failed", "40", error: "no space in pool default")
        let failed = try scratch.infrafs("wait", "jobs/1")
        #expect(failed.status == 1)
        #expect(failed.error.hasSuffix("infrafs: the job failed: no space in pool default\n"))
        try job("running", "25")
        let running = try scratch.infrafs("wait", "jobs/1", "--timeout", "50ms")
        #expect(running.status == 124)
        #expect(
            running.error == "[#####---------------]  25%  running  vm.export vms/web1\n"
                + "infrafs: the time is over and the job is running, 25% done\n")
    }

    @Test("A state is waited for by reading .wait/STATE")
    func states() throws {
        let scratch = try #require(scratch)
        try scratch.write("vms/web1/status", "starting\n")
        try scratch.write("vms/web1/.wait/down", "down\n")
        #expect(try scratch.run(["mkfifo", "\(scratch.path)/vms/web1/.wait/up"]).status == 0)
        #expect(try scratch.infrafs("wait", "vms/web1", "down").status == 0)
        #expect(try scratch.infrafs("wait", "vms/web1/.wait/down").status == 0)
        let late = try scratch.infrafs("wait", "vms/web1", "up", "--timeout", "50ms")
        #expect(late.status == 124 && late.error.hasSuffix("infrafs: the time is over and it is starting\n"))
        let program = try Repository.program
        let script = "\(program) wait vms/web1 up & sleep 0.3; echo up > vms/web1/.wait/up; wait $!"
        let reached = try scratch.run(["sh", "-c", script])
        #expect(reached.status == 0)
        #expect(
            reached.error == "starting  (waiting for web1 to be up)\nup  (waiting for web1 to be up)\n")
    }

    @Test("What cannot be waited for says what to do")
    func mistakes() throws {
        let scratch = try #require(scratch)
        try scratch.write("vms/web1/status", "up\n")
        #expect(
            try scratch.infrafs("wait", "vms/web1").error
                == "infrafs: say which state to wait for: infrafs wait vms/web1 up\n")
        #expect(try scratch.infrafs("wait", "vms/web2", "up").status == 66)
        #expect(try scratch.infrafs("wait", "vms").status == 66)
        #expect(try scratch.infrafs("wait", "vms/web1", "up", "--timeout", "soon").status == 64)
        let mistyped = try scratch.infrafs("wait", "vms/web1", "uo")
        #expect(mistyped.status == 64 && mistyped.error.contains("there is no state 'uo': did you mean 'up'?"))
        let never = try scratch.infrafs("wait", "vms/web1", "suspended")
        #expect(never.status == 1 && never.error.contains("'infrafs why vms/web1' may tell more"))
    }

    @Test("why prints the last failure of a path, of a provider, of the mount")
    func why() throws {
        let scratch = try #require(scratch)
        try scratch.write(".infrafs/version", "1\n")
        let first = "2026-01-01T00:00:01Z write lab/vms/web1/memory EINVAL rubbish"
        let second = "2026-01-01T00:00:02Z mkdir lab/vms/web10 EDQUOT the quota is used up"
        let other = "2026-01-01T00:00:03Z rmdir far/vms/db EBUSY it is up"
        try scratch.write("lab/errors", "\(first)\n\(second)\n")
        try scratch.write("lab/vms/web1/memory", "1\n")
        try scratch.write("far/errors", "\(other)\n")
        #expect(try scratch.infrafs("why").output == other + "\n")
        #expect(try scratch.infrafs("why", "lab").output == second + "\n")
        #expect(try scratch.infrafs("why", "lab/vms/web1").output == first + "\n")
        #expect(try scratch.infrafs("why", "lab/vms/web10").output == second + "\n")
        let none = try scratch.infrafs("why", "lab/vms/web2")
        #expect(none.status == 1 && none.error == "infrafs: no failure is recorded for lab/vms/web2\n")
        #expect(try scratch.run(["sh", "-c", "cd lab/vms && \(try Repository.program) why"]).output == second + "\n")
        #expect(try scratch.infrafs("why", "/tmp").status == 66)
    }
}
