#include "lock_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace toolkit::job {
namespace {

struct flock whole_file(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

int try_lock(int fd) {
  struct flock lock = whole_file(F_WRLCK);
  while (::fcntl(fd, F_OFD_SETLK, &lock) != 0) {
    if (errno != EINTR) {
      return errno == EACCES ? EAGAIN : errno;  // POSIX allows either for "held by another"
    }
  }
  return 0;
}

}  // namespace

int lock_exclusively(int fd) {
  constexpr int kTries = 1000;
  constexpr timespec kPause{0, 1'000'000};
  int error = try_lock(fd);
  for (int i = 0; i < kTries && error == EAGAIN && exclusive_lock_state(fd) == LockState::free;
       ++i) {
    ::nanosleep(&kPause, nullptr);
    error = try_lock(fd);
  }
  return error;
}

LockState exclusive_lock_state(int fd) {
  // Asked as a reader would: only an exclusive lock is in its way.
  struct flock lock = whole_file(F_RDLCK);
  if (::fcntl(fd, F_OFD_GETLK, &lock) != 0) {
    return LockState::unknown;
  }
  return lock.l_type == F_UNLCK ? LockState::free : LockState::held;
}

int wait_for_release(int fd) {
  struct flock lock = whole_file(F_RDLCK);
  while (::fcntl(fd, F_OFD_SETLKW, &lock) != 0) {
    if (errno != EINTR) {
      return errno;
    }
  }
  return 0;  // given back when the caller closes
}

}  // namespace toolkit::job
