#include "failure_note.hpp"

#include "traceback.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/log.hpp>
#include <toolkit/base/text.hpp>

#include <fcntl.h>
#include <sys/stat.h>

namespace toolkit::supervise {
namespace {

constexpr std::size_t kTerminationLimit = 4096;  // kubelet's maximum for one container
constexpr std::size_t kFailureLimit = 1024;      // what DescribeTrainingJob shows
constexpr std::size_t kEarlierLimit = 200;       // for one exception; some carry whole tensors

// UTF-8: the bytes of a character behind its first (RFC 3629).
bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

// What was kept of stderr begins anywhere, so maybe within a character. Only as many bytes as one
// can have behind its first: more of them are no UTF-8, and not ours to drop.
std::string_view whole_characters(std::string_view text) {
  for (int i = 0; i < 3 && !text.empty() && continues_character(text[0]); ++i) {
    text.remove_prefix(1);
  }
  return text;
}

std::string_view cut_front(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) {
    return text;
  }
  text.remove_prefix(text.size() - limit);
  const auto line = text.find('\n');
  return line == std::string_view::npos ? whole_characters(text) : text.substr(line + 1);
}

// Back to the start of a character, so that a cut never leaves half of one.
std::string_view cut_back(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) {
    return text;
  }
  while (limit > 0 && continues_character(text[limit])) {
    --limit;
  }
  return text.substr(0, limit);
}

std::string_view traceback_in(std::string_view tail) {
  const auto at = tail.rfind(kTraceback);
  return at == std::string_view::npos ? tail : tail.substr(at);
}

// The exceptions before the last one, each once. The first are kept: what came first is the cause.
std::string earlier_exceptions(std::string_view tail, std::size_t limit) {
  const auto lines = exception_lines(tail);
  std::string text;
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    const std::string entry = "earlier: " + std::string(cut_back(lines[i], kEarlierLimit)) + '\n';
    const bool is_new = text.find(entry) == std::string::npos && lines[i] != lines.back();
    if (is_new && text.size() + entry.size() <= limit) {
      text += entry;
    }
  }
  return text;
}

}  // namespace

std::string last_words(std::string_view stderr_tail, std::size_t limit) {
  return std::string(cut_front(trim(traceback_in(whole_characters(stderr_tail))), limit));
}

std::string final_line(std::string_view stderr_tail) {
  if (const auto exceptions = exception_lines(stderr_tail); !exceptions.empty()) {
    return std::string(exceptions.back());
  }
  const std::string_view text = trim(whole_characters(stderr_tail));
  return std::string(text.substr(text.rfind('\n') + 1));
}

std::string termination_message(std::string_view verdict, std::string_view stderr_tail) {
  std::string text(cut_back(verdict, kTerminationLimit / 2));
  const std::string earlier = earlier_exceptions(stderr_tail, kTerminationLimit / 4);
  if (const std::string words =
          last_words(stderr_tail, kTerminationLimit - text.size() - earlier.size() - 2);
      !words.empty()) {
    text += '\n' + earlier + words + '\n';
  }
  return text;
}

std::string failure_reason(std::string_view verdict, std::string_view stderr_tail) {
  std::string text = final_line(stderr_tail);
  text += text.empty() ? "" : "\n";
  text += verdict;
  if (std::string earlier = earlier_exceptions(stderr_tail, kFailureLimit / 2); !earlier.empty()) {
    earlier.pop_back();
    text += '\n' + earlier;
  }
  const std::string words = last_words(stderr_tail, kFailureLimit);
  if (words.find('\n') != std::string::npos) {
    text += '\n' + words;
  }
  return std::string(cut_back(text, kFailureLimit));
}

void write_note(const std::string& path, const std::string& text) {
  struct stat status {};
  if (path.empty() ||
      (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0)) {
    return;
  }
  const auto fd = open_file(path, O_WRONLY | O_CREAT | O_NONBLOCK);
  if (!fd) {
    log_warn("{}", fd.error().message);
  } else if (const int error = write_all(fd->get(), text); error != 0) {
    log_warn("cannot write {}: {}", path, errno_words(error));
  }
}

}  // namespace toolkit::supervise
