import Testing

@testable import CloudInit

@Suite("Passwords as their hashes")
struct PasswordTests {
    @Test("SHA-512 of FIPS 180-4's messages")
    func digest() {
        func hex(_ text: String) -> String {
            SHA512.digest(Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        #expect(
            hex("abc") == "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")
        #expect(
            hex("") == "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e")
        #expect(
            hex(
                "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
                    + "nopqrstu") == "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
                + "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909")
    }

    @Test("crypt(5)'s own example, and what a system's crypt makes of others")
    func hash() {
        #expect(
            PasswordHash.hash("Hello world!", salt: "saltstring")
                == "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1"
        )
        #expect(PasswordHash.hash("é", salt: "0123456789abcdefXYZ").hasPrefix("$6$0123456789abcdef$"))
    }

    @Test("A hash stays as it is; two hashes of one password differ")
    func kept() {
        let hash = PasswordHash.hash("secret")
        #expect(PasswordHash.hash(hash) == hash)
        #expect(hash != PasswordHash.hash("secret"))
        #expect(PasswordHash.isHash(hash))
        #expect(!PasswordHash.isHash("$6$"))
        #expect(!PasswordHash.isHash("pa$$word"))
    }
}
