import FakeProvider
import LibvirtProvider
import OpenStackProvider
import ProviderAPI

/// Every type of provider, by its name.
let allProviders: [ProviderRegistration] = [
    Fake.registration,
    Libvirt.registration,
    OpenStack.registration,
]
