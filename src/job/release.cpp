#include "lock_file.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/job/release.hpp>

#include <fcntl.h>

namespace toolkit::job {

bool await_release(const std::string& job_directory) {
  const auto fd = try_open(job_directory + "/lock", O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  return fd && wait_for_release(fd->get()) == 0;
}

}  // namespace toolkit::job
