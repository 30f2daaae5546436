#include "pattern.hpp"

#include <algorithm>

namespace toolkit::selection {
namespace {

// The last `count` names of a path; nothing when it has fewer.
std::optional<std::string_view> last_names(std::string_view path, std::size_t count) {
  std::size_t at = path.size();
  while (count > 0) {
    const std::size_t slash = at == 0 ? std::string_view::npos : path.rfind('/', at - 1);
    if (slash == std::string_view::npos) {
      return count == 1 ? std::optional(path) : std::nullopt;
    }
    at = slash;
    --count;
  }
  return path.substr(at + 1);
}

}  // namespace

Subject::Subject(std::string_view root, std::string_view path, bool is_directory)
    : root_(root.size()), is_directory_(is_directory) {
  bytes_.reserve(root.size() + path.size() + 2);
  bytes_.append(root).append("/").append(path).append("/");
}

std::string_view Subject::name() const {
  const std::string_view path = std::string_view(bytes_).substr(0, bytes_.size() - 1);
  return path.substr(path.rfind('/') + 1);
}

std::string_view Subject::view(bool with_root, bool leading, bool trailing) const {
  const std::size_t begin = (with_root ? 0 : root_) + (leading ? 0 : 1);
  const std::size_t end = bytes_.size() - (trailing ? 0 : 1);
  return std::string_view(bytes_).substr(begin, end - begin);
}

std::string_view Subject::below(std::size_t length, bool trailing) const {
  const std::size_t end = bytes_.size() - (trailing ? 0 : 1);
  return length < end ? std::string_view(bytes_).substr(length, end - length) : std::string_view();
}

Pattern::Pattern(std::string text, bool absolute, std::size_t base) : text_(std::move(text)) {
  std::string_view rest = text_;
  directories_only_ = rest.size() > 1 && rest.back() == '/';
  rest.remove_suffix(directories_only_ ? 1 : 0);
  const bool wild = rest.find_first_of("*?[") != std::string_view::npos;
  const bool two_stars = rest.find("**") != std::string_view::npos;
  const bool leading_stars = rest.substr(0, 2) == "**";
  slash_behind_ = rest.size() >= 3 && rest.substr(rest.size() - 3) == "***";
  slashes_ = static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '/'));
  const bool anchored = rest.substr(0, 1) == "/";
  if (slashes_ > 0 || two_stars) {
    reach_ = anchored || leading_stars ? Reach::whole
             : two_stars               ? Reach::after_slashes
                                       : Reach::last_names;
    absolute_ = absolute;
    base_ = anchored && !absolute ? base : 0;
    slash_before_ = reach_ == Reach::after_slashes || (leading_stars && !absolute);
  }
  rest.remove_prefix(anchored ? 1 : 0);
  if (wild) {
    glob_.emplace(rest, reach_ == Reach::after_slashes);
  } else {
    literal_ = rest;
  }
}

std::string_view Pattern::part_of(const Subject& subject) const {
  const bool trailing = slash_behind_ && subject.is_directory();
  if (reach_ == Reach::name) {
    return subject.name();
  }
  return base_ > 0 ? subject.below(base_, trailing)
                   : subject.view(absolute_, slash_before_, trailing);
}

bool Pattern::matches(const Subject& subject) const {
  if (directories_only_ && !subject.is_directory()) {
    return false;
  }
  std::optional<std::string_view> part = part_of(subject);
  if (reach_ == Reach::last_names) {
    part = last_names(*part, slashes_ + 1);
  }
  return part && (glob_ ? glob_->matches(*part) : *part == literal_);
}

}  // namespace toolkit::selection
