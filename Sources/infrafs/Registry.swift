import AWSProvider
import FakeProvider
import LibvirtProvider
import OpenStackProvider
import ProviderAPI

/// Every type of provider, by its name.
let allProviders: [ProviderRegistration] = [
    AWS.registration,
    Fake.registration,
    Libvirt.registration,
    OpenStack.registration,
]
