// Fields: numbers by an id that never changed since it was given, each with its own return code.
// The door that is open in the most drivers.
#include "nvml.h"

struct field {
  uint32_t id, scope;
  int64_t timestamp, latency;
  uint32_t type, result;
  union {
    double real;
    int32_t small_signed;
    uint32_t small;
    uint64_t wide;
    int64_t wide_signed;
    uint16_t tiny;
  } value;
};

enum { kDouble, kUnsigned, kLong, kLongLong, kSignedLongLong, kSigned, kShort };

static void put_field(const struct field* field) {
  switch (field->type) {
    case kDouble:
      return put_number((int64_t)field->value.real);
    case kUnsigned:
      return put_unsigned(field->value.small);
    case kSigned:
      return put_number(field->value.small_signed);
    case kShort:
      return put_unsigned(field->value.tiny);
    case kSignedLongLong:
      return put_number(field->value.wide_signed);
    default:
      return put_unsigned(field->value.wide);
  }
}

struct wanted {
  const char* key;
  uint32_t id;
};
static const struct wanted kFields[] = {
    {"recovery.action", 230},
    {"temp.memory", 82},
    
    {"pages.field_pending", 31},
    {"nvlink.count", 91},
    {"nvlink.to_switch", 147},
    {"throttle.power_ns", 74},
    {"throttle.thermal_ns", 269},
    {"throttle.hw_thermal_ns", 270},
    {"throttle.power_brake_ns", 271},
    {"pcie.field_replays", 94},
    {"remap.corrected_inactive", 301},
    {"remap.uncorrected_inactive", 302},
};
static const struct wanted kLinkFields[] = {
    {"replay", 161}, {"recovery", 162}, {"crc", 163}, {"speed", 164}, {"effective_errors", 219},
};

static int ask_list(const struct gpu* gpu, const struct wanted* wanted, size_t count,
                    uint32_t scope) {
  int (*f)(void*, int, void*) = find(gpu->nvml, "nvmlDeviceGetFieldValues");
  if (!f) {
    return 13;
  }
  struct field* fields = (struct field*)room.bytes;
  prepare(count * sizeof *fields);
  for (size_t i = 0; i < count; ++i) {
    fields[i].id = wanted[i].id;
    fields[i].scope = scope;
    fields[i].result = kNotSupported;
  }
  int code;
  ASK(code, gpu, "nvmlDeviceGetFieldValues", f(gpu->handle, (int)count, fields));
  check("nvmlDeviceGetFieldValues", count * sizeof *fields);
  return code;
}

void ask_fields(const struct gpu* gpu) {
  const struct field* fields = (const struct field*)room.bytes;
  const int code = ask_list(gpu, kFields, LENGTH(kFields), 0);
  for (size_t i = 0; i < LENGTH(kFields); ++i) {
    if (code != 0 || fields[i].result != 0) {
      say_absent(gpu, kFields[i].key, code == 13 ? "nvmlDeviceGetFieldValues" : 0,
                 code != 0 ? code : (int)fields[i].result);
      continue;
    }
    begin_value(gpu, kFields[i].key);
    put_field(&fields[i]);
    end();
  }
}

void ask_link_fields(const struct gpu* gpu, unsigned link);
void ask_link_fields(const struct gpu* gpu, unsigned link) {
  const struct field* fields = (const struct field*)room.bytes;
  if (ask_list(gpu, kLinkFields, LENGTH(kLinkFields), link) != 0) {
    return;
  }
  for (size_t i = 0; i < LENGTH(kLinkFields); ++i) {
    if (fields[i].result == 0) {
      put("gpu ");
      put_unsigned(gpu->index);
      put(" link ");
      put_unsigned(link);
      put(" ");
      put(kLinkFields[i].key);
      put(" ");
      put_field(&fields[i]);
      end();
    }
  }
}
