import ProviderAPI
import ProviderTesting
import Testing

extension Conformance {
    /// What must not be shown, over every registered provider.
    @Suite struct SecretTests {
        private static let password = "hunter2-geheim"

        /// A provider that takes passwords for the first boot keeps none; another refuses them by name.
        @Test(arguments: Subject.all)
        func aPasswordIsShownNowhere(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.createVM) else { return }
            let draft = "lab/drafts/vms/\(Rig.freshName("secret"))"
            try await rig.driver.makeDirectory(draft)
            let refusal = await rig.refusal { try await rig.driver.write("\(draft)/password", Self.password + "\n") }
            guard refusal == nil else {
                #expect(refusal == .unsupported)
                try await rig.driver.removeDirectory(draft)
                return
            }
            let plan = try await rig.driver.text("\(draft)/.plan")
            #expect(plan.contains("password: <secret>"))
            #expect(!plan.contains(Self.password))
            #expect(try await rig.driver.text("\(draft)/password").isEmpty)
            try await rig.driver.removeFile("\(draft)/password")
            try await rig.driver.write("\(draft)/info", "password: \(Self.password)\n")
            #expect(try await rig.driver.text("\(draft)/info").isEmpty)
            #expect(try await rig.driver.text("\(draft)/password").isEmpty)
            #expect(try await rig.driver.text("\(draft)/.plan").contains("password: <secret>"))
            try await rig.driver.removeFile("\(draft)/info")
            try await rig.driver.removeFile("\(draft)/password")
            try await rig.driver.removeDirectory(draft)
            try await rig.withMachine(["password": Self.password + "\n"]) { path async throws in
                for visited in try await rig.driver.walk("lab") {
                    let text = String(decoding: visited.bytes ?? [], as: UTF8.self)
                    #expect(!text.contains(Self.password), "\(visited.path) shows it")
                }
                #expect(try await rig.driver.exists(path))
            }
        }
    }
}
