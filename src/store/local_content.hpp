#pragma once
// An open local file as Content, and a stat(2) answer as an Entry.

#include <toolkit/base/unique_fd.hpp>
#include <toolkit/store/store.hpp>

struct stat;

namespace toolkit::store {

[[nodiscard]] Entry entry_of(std::string name, const struct stat& status);

class LocalContent : public Content {
 public:
  LocalContent(UniqueFd fd, std::string path, Entry entry)
      : fd_(std::move(fd)), path_(std::move(path)), entry_(std::move(entry)) {}

  [[nodiscard]] Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override;
  [[nodiscard]] const Entry& entry() const override { return entry_; }
  [[nodiscard]] Result<Entry> stat() override;
  [[nodiscard]] int descriptor() const override { return fd_.get(); }

 private:
  UniqueFd fd_;
  std::string path_;
  Entry entry_;
};

}  // namespace toolkit::store
