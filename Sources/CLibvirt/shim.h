#include <stddef.h>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#pragma clang assume_nonnull begin

/* libvirt takes every domain callback as virConnectDomainEventGenericCallback and casts it back by event id
   (VIR_DOMAIN_EVENT_CALLBACK). One function for each signature keeps the compiler's check of the arguments. */
#define CLIBVIRT_DOMAIN_EVENT(suffix, id, type)                                                             \
    static inline int clibvirt_register_##suffix(                                                          \
        virConnectPtr connection, type callback, void *opaque, virFreeCallback release) {                  \
        return virConnectDomainEventRegisterAny(                                                           \
            connection, NULL, id, VIR_DOMAIN_EVENT_CALLBACK(callback), opaque, release);                   \
    }

CLIBVIRT_DOMAIN_EVENT(lifecycle, VIR_DOMAIN_EVENT_ID_LIFECYCLE, virConnectDomainEventCallback)
CLIBVIRT_DOMAIN_EVENT(reboot, VIR_DOMAIN_EVENT_ID_REBOOT, virConnectDomainEventGenericCallback)
CLIBVIRT_DOMAIN_EVENT(balloon, VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE, virConnectDomainEventBalloonChangeCallback)
CLIBVIRT_DOMAIN_EVENT(tray, VIR_DOMAIN_EVENT_ID_TRAY_CHANGE, virConnectDomainEventTrayChangeCallback)
CLIBVIRT_DOMAIN_EVENT(disk, VIR_DOMAIN_EVENT_ID_DISK_CHANGE, virConnectDomainEventDiskChangeCallback)
CLIBVIRT_DOMAIN_EVENT(device_added, VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, virConnectDomainEventDeviceAddedCallback)
CLIBVIRT_DOMAIN_EVENT(device_removed, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, virConnectDomainEventDeviceRemovedCallback)
CLIBVIRT_DOMAIN_EVENT(
    device_kept, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED, virConnectDomainEventDeviceRemovalFailedCallback)
CLIBVIRT_DOMAIN_EVENT(job, VIR_DOMAIN_EVENT_ID_JOB_COMPLETED, virConnectDomainEventJobCompletedCallback)
CLIBVIRT_DOMAIN_EVENT(tunable, VIR_DOMAIN_EVENT_ID_TUNABLE, virConnectDomainEventTunableCallback)
CLIBVIRT_DOMAIN_EVENT(storage_error, VIR_DOMAIN_EVENT_ID_IO_ERROR, virConnectDomainEventIOErrorCallback)
CLIBVIRT_DOMAIN_EVENT(watchdog, VIR_DOMAIN_EVENT_ID_WATCHDOG, virConnectDomainEventWatchdogCallback)
CLIBVIRT_DOMAIN_EVENT(agent, VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, virConnectDomainEventAgentLifecycleCallback)
CLIBVIRT_DOMAIN_EVENT(metadata, VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, virConnectDomainEventMetadataChangeCallback)
CLIBVIRT_DOMAIN_EVENT(block_job, VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2, virConnectDomainEventBlockJobCallback)

#undef CLIBVIRT_DOMAIN_EVENT

static inline int clibvirt_register_network(
    virConnectPtr connection, virConnectNetworkEventLifecycleCallback callback, void *opaque,
    virFreeCallback release) {
    return virConnectNetworkEventRegisterAny(
        connection, NULL, VIR_NETWORK_EVENT_ID_LIFECYCLE, VIR_NETWORK_EVENT_CALLBACK(callback), opaque, release);
}

static inline int clibvirt_register_pool(
    virConnectPtr connection, virConnectStoragePoolEventLifecycleCallback callback, void *opaque,
    virFreeCallback release) {
    return virConnectStoragePoolEventRegisterAny(
        connection, NULL, VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE, VIR_STORAGE_POOL_EVENT_CALLBACK(callback), opaque,
        release);
}

static inline int clibvirt_register_pool_refresh(
    virConnectPtr connection, virConnectStoragePoolEventGenericCallback callback, void *opaque,
    virFreeCallback release) {
    return virConnectStoragePoolEventRegisterAny(
        connection, NULL, VIR_STORAGE_POOL_EVENT_ID_REFRESH, VIR_STORAGE_POOL_EVENT_CALLBACK(callback), opaque,
        release);
}

#pragma clang assume_nonnull end
