# The probe: linked against stand-ins of glibc's libraries, which record the oldest version of every name
# that it takes from there, so that it starts under any glibc from 2.2.5 (arm64: 2.17) on. It is carried
# inside of the executable. tests/unit/gpu/probe/carried_test.py holds it to that.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(loader /lib/ld-linux-aarch64.so.1)
  set(oldest GLIBC_2.17)
else()
  set(loader /lib64/ld-linux-x86-64.so.2)
  set(oldest GLIBC_2.2.5)
endif()
set(helper ${CMAKE_CURRENT_SOURCE_DIR}/helper)
set(made ${CMAKE_CURRENT_BINARY_DIR})

# As C by the C++ compiler's driver: the cross build names no other. The compiler's own defaults (hardening,
# caches, sanitizers) stay out.
set(plain_c ${CMAKE_CXX_COMPILER} -x c -std=gnu11 -fno-builtin -nostdlib)

set(stubs "")
foreach(stub "libc|libc.so.6|__libc_start_main;" "libdl|libdl.so.2|dlopen; dlsym; dlerror; dladdr;"
    "libpthread|libpthread.so.0|pthread_self;")
  string(REGEX MATCH "([^|]*)\\|([^|]*)\\|(.*)" _ "${stub}")
  set(name ${CMAKE_MATCH_1})
  set(soname ${CMAKE_MATCH_2})
  file(GENERATE OUTPUT ${made}/${name}.map CONTENT "${oldest} { global: ${CMAKE_MATCH_3} local: *; };\n")
  add_custom_command(OUTPUT ${made}/stub-${name}.so VERBATIM
    COMMAND ${plain_c} -w -shared -fPIC -Wl,-soname,${soname} -Wl,--version-script=${made}/${name}.map
      -o ${made}/stub-${name}.so ${helper}/stubs/${name}.c
    DEPENDS ${helper}/stubs/${name}.c ${made}/${name}.map)
  list(APPEND stubs ${made}/stub-${name}.so)
endforeach()

set(objects "")
foreach(name start system plain say library nodes verbs cuda burn nvml nvml_room nvml_identity nvml_values nvml_fields
    nvml_structs nvml_links nvml_processes)
  add_custom_command(OUTPUT ${made}/${name}.o VERBATIM
    COMMAND ${plain_c} -Wall -Wextra -Werror -Os -ffreestanding -fno-stack-protector -fPIE -fvisibility=hidden
      -fno-asynchronous-unwind-tables -fno-unwind-tables ${helper_flags}
      -DBURN_TEXT="${helper}/burn.ptx" -c -o ${made}/${name}.o ${helper}/${name}.c
    DEPENDS ${helper}/${name}.c ${helper}/helper.h ${helper}/nvml.h ${helper}/burn.ptx)
  list(APPEND objects ${made}/${name}.o)
endforeach()
add_custom_command(OUTPUT ${made}/probe VERBATIM
  COMMAND ${CMAKE_CXX_COMPILER} -nostdlib -nostartfiles -pie ${objects} -Wl,--no-as-needed ${stubs}
    -Wl,-dynamic-linker,${loader} -Wl,--hash-style=both -Wl,-z,norelro -Wl,-z,noseparate-code -Wl,--build-id=none
    -Wl,-s -o ${made}/probe
  DEPENDS ${objects} ${stubs})
