// Each device node is opened by itself: the error is the diagnosis, and the open may hang. The
// control node is asked for the kernel module's version, in the form that logs nothing on the host.
#include "helper.h"

#include <asm/unistd.h>

// _IOWR('F', 210, 72 bytes): a command, a reply, and the version as text; '2' queries.
enum { kVersionQuestion = 0xC0484600u + 210 };
struct version_question {
  uint32_t command, reply;
  char version[64];
};

static int is_control(const char* path) {
  const char* name = path;
  for (const char* at = path; *at; ++at) {
    name = *at == '/' ? at + 1 : name;
  }
  return same(name, "nvidiactl");
}

static void ask_version(long fd) {
  struct version_question question = {'2', 0, {0}};
  phase("ioctl(NV_ESC_CHECK_VERSION_STR)");
  const long result = system_call(__NR_ioctl, fd, (long)kVersionQuestion, (long)&question, 0);
  question.version[sizeof question.version - 1] = 0;
  if (result == 0) {
    say("version", question.version);
  } else {
    say_number("version_error", -result);
  }
}

int ask_nodes(char** paths) {
  enum { kReadWrite = 2, kCloseOnExec = 02000000 };
  for (; *paths; ++paths) {
    put("phase open(");
    put(*paths);
    put(")");
    end();
    flush();
    const long fd = open_file(*paths, kReadWrite | kCloseOnExec);
    put("node ");
    put_number(fd < 0 ? -fd : 0);
    put(" ");
    put(*paths);
    end();
    if (fd < 0) {
      continue;
    }
    if (is_control(*paths)) {
      ask_version(fd);
    }
    phase("close");
    system_call(__NR_close, fd, 0, 0, 0);
  }
  return 0;
}
