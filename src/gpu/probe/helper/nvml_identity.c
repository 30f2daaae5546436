// Which GPU this is: said first, so that whatever goes wrong later can be given its name.
#include "nvml.h"

static void text_of(const struct gpu* gpu, const char* key, const char* symbol, unsigned size) {
  int (*f)(void*, char*, unsigned) = find(gpu->nvml, symbol);
  prepare(size);
  int code = 13;
  if (f) {
    ASK(code, gpu, symbol, f(gpu->handle, (char*)room.bytes, size));
    check(symbol, size);
  }
  if (code == 0) {
    room.bytes[size - 1] = 0;
    put("gpu ");
    put_unsigned(gpu->index);
    put(" ");
    say(key, (const char*)room.bytes);
  }
}

void put_address(uint32_t domain, uint32_t bus, uint32_t device) {
  put_hex(domain, domain > 0xffff ? 8 : 4);
  put(":");
  put_hex(bus, 2);
  put(":");
  put_hex(device, 2);
  put(".0");
}

// The three versions begin alike: a short address as text, then the numbers.
struct pci {
  char text[16];
  uint32_t domain, bus, device, id, subsystem;
  char longer_text[32];
};

static void ask_address(const struct gpu* gpu) {
  const char* names[] = {"nvmlDeviceGetPciInfo_v3", "nvmlDeviceGetPciInfo_v2",
                         "nvmlDeviceGetPciInfo"};
  for (size_t i = 0; i < LENGTH(names); ++i) {
    int (*f)(void*, void*) = find(gpu->nvml, names[i]);
    if (!f) {
      continue;
    }
    const struct pci* pci = (const struct pci*)room.bytes;
    prepare(sizeof *pci);
    int code;
    ASK(code, gpu, names[i], f(gpu->handle, room.bytes));
    check(names[i], sizeof *pci);
    if (code == 0) {
      put("gpu ");
      put_unsigned(gpu->index);
      put(" address ");
      put_address(pci->domain, pci->bus, pci->device);
      end();
    }
    return;
  }
}

static void ask_kind(const struct gpu* gpu) {
  int (*minor)(void*, uint32_t*) = find(gpu->nvml, "nvmlDeviceGetMinorNumber");
  int (*architecture)(void*, uint32_t*) = find(gpu->nvml, "nvmlDeviceGetArchitecture");
  int (*capability)(void*, int*, int*) = find(gpu->nvml, "nvmlDeviceGetCudaComputeCapability");
  uint32_t numbers[4] = {0, 0, 0, 0};
  phase_of("nvmlDeviceGetMinorNumber", gpu->index);
  if (minor && minor(gpu->handle, numbers) == 0) {
    put("gpu ");
    put_unsigned(gpu->index);
    say_number(" minor", numbers[0]);
  }
  phase_of("nvmlDeviceGetArchitecture", gpu->index);
  if (architecture && architecture(gpu->handle, numbers + 1) == 0) {
    put("gpu ");
    put_unsigned(gpu->index);
    say_number(" architecture", numbers[1]);
  }
  phase_of("nvmlDeviceGetCudaComputeCapability", gpu->index);
  if (capability && capability(gpu->handle, (int*)numbers + 2, (int*)numbers + 3) == 0) {
    put("gpu ");
    put_unsigned(gpu->index);
    put(" capability ");
    put_unsigned(numbers[2]);
    put(".");
    put_unsigned(numbers[3]);
    end();
  }
}

void ask_identity(const struct gpu* gpu) {
  ask_address(gpu);
  text_of(gpu, "uuid", "nvmlDeviceGetUUID", 96);
  text_of(gpu, "name", "nvmlDeviceGetName", 96);
  ask_kind(gpu);
}
