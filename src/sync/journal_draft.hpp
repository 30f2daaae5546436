#pragma once
// A journal that is written anew, beside the old one until it is whole.

#include <toolkit/base/result.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace toolkit::sync {

class JournalDraft {
 public:
  /// Of the journal of that path, which the caller has locked; "" for one without a name.
  explicit JournalDraft(const std::string& path);
  JournalDraft(const JournalDraft&) = delete;
  JournalDraft& operator=(const JournalDraft&) = delete;
  ~JournalDraft();
  /// What fails is told by commit().
  void write(std::string_view bytes);
  /// It has the journal's place now, on disk and locked. The error is the errno, and then the old
  /// one is still there.
  [[nodiscard]] tl::expected<UniqueFd, int> commit();

 private:
  void flush();

  std::string path_, beside_;
  UniqueFd fd_;
  int error_ = 0;
  std::string buffer_;
  std::uint64_t written_ = 0;
};

}  // namespace toolkit::sync
