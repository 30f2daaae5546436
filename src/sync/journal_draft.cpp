#include "journal_draft.hpp"

#include "journal_file.hpp"

#include <toolkit/base/file.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace toolkit::sync {
namespace {

constexpr std::size_t kPiece = 64 << 10;

}  // namespace

JournalDraft::JournalDraft(const std::string& path)
    : path_(path), beside_(path.empty() ? "" : path + ".new") {
  ::unlink(beside_.c_str());  // of who was killed: only who holds the lock comes here
  auto fd =
      path.empty() ? make_nameless_journal() : try_open(beside_, O_RDWR | O_CREAT | O_EXCL, 0600);
  if (!fd) {
    error_ = fd.error();
    return;
  }
  fd_ = std::move(*fd);
  error_ = lock_journal(fd_.get());
}

JournalDraft::~JournalDraft() {
  if (fd_ && !beside_.empty()) {
    ::unlink(beside_.c_str());
  }
}

void JournalDraft::write(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= kPiece) {
    flush();
  }
}

void JournalDraft::flush() {
  error_ = error_ == 0 ? write_at(fd_.get(), written_, buffer_) : error_;
  written_ += buffer_.size();
  buffer_.clear();
}

tl::expected<UniqueFd, int> JournalDraft::commit() {
  flush();
  if (error_ == 0 && ::fsync(fd_.get()) != 0 && errno != EINVAL) {
    error_ = errno;
  }
  if (error_ == 0 && !beside_.empty() && std::rename(beside_.c_str(), path_.c_str()) != 0) {
    error_ = errno;
  }
  return error_ == 0 ? tl::expected<UniqueFd, int>(std::move(fd_)) : tl::unexpected(error_);
}

}  // namespace toolkit::sync
