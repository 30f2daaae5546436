// The driver's libraries, by name, as programs load them. One symbol at a time: an older driver
// lacks some, and whoever links against them dies of the first that is not there.
#include "helper.h"

extern void* dlopen(const char* name, int flags);
extern void* dlsym(void* handle, const char* symbol);
extern char* dlerror(void);
struct symbol_place {
  const char* file;
  void* base;
  const char* name;
  void* address;
};
extern int dladdr(const void* address, struct symbol_place* place);

// Says `PART.library FILE` or `PART.load_error TEXT`. `symbol` is one that has always been there.
int load(struct library* library, const char* part, const char* name, const char* symbol) {
  enum { kNow = 2 };
  put("phase dlopen(");
  put(name);
  put(")");
  end();
  flush();
  library->handle = dlopen(name, kNow);
  put(part);
  if (!library->handle) {
    const char* why = dlerror();
    say(".load_error", why ? why : "no reason given");
    return 0;
  }
  struct symbol_place place = {0, 0, 0, 0};
  void* address = dlsym(library->handle, symbol);
  if (address && dladdr(address, &place) && place.file) {
    say(".library", place.file);
    return 1;
  }
  say(".library", name);
  return 1;
}

void* find(const struct library* library, const char* symbol) {
  return dlsym(library->handle, symbol);
}
