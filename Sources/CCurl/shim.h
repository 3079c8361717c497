#include <curl/curl.h>

// curl_easy_setopt and its kin take their last argument as a variadic one, which Swift cannot pass: one function for
// each type of it (curl_easy_setopt(3), curl_easy_getinfo(3), curl_multi_setopt(3), curl_share_setopt(3)).

static inline CURLcode infrafs_curl_set_long(CURL *_Nonnull handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode infrafs_curl_set_offset(CURL *_Nonnull handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode infrafs_curl_set_string(CURL *_Nonnull handle, CURLoption option, const char *_Nullable value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode infrafs_curl_set_pointer(CURL *_Nonnull handle, CURLoption option, void *_Nullable value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode infrafs_curl_set_list(CURL *_Nonnull handle, CURLoption option,
                                             struct curl_slist *_Nullable value) {
    return curl_easy_setopt(handle, option, value);
}

// The bytes are copied.
static inline CURLcode infrafs_curl_set_blob(CURL *_Nonnull handle, CURLoption option, const void *_Nonnull bytes,
                                             size_t count) {
    struct curl_blob blob = {.data = (void *)bytes, .len = count, .flags = CURL_BLOB_COPY};
    return curl_easy_setopt(handle, option, &blob);
}

typedef size_t (*infrafs_curl_transfer)(char *_Nullable bytes, size_t size, size_t count, void *_Nullable context);
typedef int (*infrafs_curl_seek)(void *_Nullable context, curl_off_t offset, int origin);

static inline CURLcode infrafs_curl_set_transfer(CURL *_Nonnull handle, CURLoption option,
                                                 infrafs_curl_transfer _Nonnull function) {
    return curl_easy_setopt(handle, option, function);
}

static inline CURLcode infrafs_curl_set_seek(CURL *_Nonnull handle, infrafs_curl_seek _Nonnull function) {
    return curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, function);
}

static inline CURLcode infrafs_curl_get_long(CURL *_Nonnull handle, CURLINFO info, long *_Nonnull value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode infrafs_curl_get_offset(CURL *_Nonnull handle, CURLINFO info, curl_off_t *_Nonnull value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLMcode infrafs_curl_multi_set_long(CURLM *_Nonnull multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLSHcode infrafs_curl_share(CURLSH *_Nonnull share, int data) {
    return curl_share_setopt(share, CURLSHOPT_SHARE, data);
}

// The result of a finished transfer is in a union, which Swift reads as an opaque one.
static inline CURLcode infrafs_curl_result(const CURLMsg *_Nonnull message) {
    return message->data.result;
}
