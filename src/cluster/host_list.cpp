#include "host_expression.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace toolkit::cluster {
namespace {

// All names together. An expression of 100 kB could ask for terabytes otherwise.
constexpr std::size_t kMostBytes = 256U << 20U;

/// One number of each bracket at a time, like the wheels of a counter.
class Product {
 public:
  explicit Product(const HostWord& word) : word_(word), wheels_(word.groups.size()) {
    for (std::size_t i = 0; i < wheels_.size(); ++i) {
      wheels_[i].value = word.groups[i].ranges[0].low;
    }
  }

  [[nodiscard]] std::string name() const {
    std::string name(word_.head);
    for (std::size_t i = 0; i < wheels_.size(); ++i) {
      char digits[20];
      const auto [end, error] = std::to_chars(digits, digits + sizeof digits, wheels_[i].value);
      const auto count = static_cast<std::size_t>(end - digits);
      const auto& group = word_.groups[i];
      const auto width = group.ranges[wheels_[i].range].width;
      name.append(width > count ? width - count : 0, '0');
      name.append(digits, count).append(group.text);
    }
    return name.append(word_.tail);
  }

  /// Bytes of the longest name, at most.
  [[nodiscard]] std::size_t name_size() const {
    std::size_t size = word_.head.size();
    for (std::size_t i = 0; i < wheels_.size(); ++i) {
      const auto width = word_.groups[i].ranges[wheels_[i].range].width;
      size += std::max<std::size_t>(width, 20) + word_.groups[i].text.size();
    }
    return size;
  }

  /// False behind the last name. The last bracket turns fastest, then the first, the second and so
  /// on: the order in which Slurm takes them.
  bool advance() {
    if (wheels_.empty()) {
      return false;
    }
    if (turn(wheels_.size() - 1)) {
      return true;
    }
    for (std::size_t i = 0; i + 1 < wheels_.size(); ++i) {
      if (turn(i)) {
        return true;
      }
    }
    return false;
  }

 private:
  struct Wheel {
    std::size_t range = 0;
    std::uint64_t value = 0;
  };

  bool turn(std::size_t at) {
    auto& wheel = wheels_[at];
    const auto& ranges = word_.groups[at].ranges;
    if (wheel.value < ranges[wheel.range].high) {
      ++wheel.value;
      return true;
    }
    const bool more = ++wheel.range < ranges.size();
    wheel.range = more ? wheel.range : 0;
    wheel.value = ranges[wheel.range].low;
    return more;
  }

  const HostWord& word_;
  std::vector<Wheel> wheels_;
};

}  // namespace

Result<std::vector<std::string>> expand_hosts(std::string_view expression, HostGrammar grammar,
                                              std::size_t limit) {
  const std::string_view separators = grammar == HostGrammar::slurm_22 ? "\t, " : "\t, \n";
  std::vector<std::string> hosts;
  std::size_t bytes = 0;
  auto rest = expression;
  while (true) {
    rest.remove_prefix(std::min(rest.find_first_not_of(separators), rest.size()));
    if (rest.empty()) {
      return hosts;
    }
    const auto text = rest.substr(0, host_word_size(rest, separators));
    rest.remove_prefix(text.size());
    TRY_ASSIGN(const HostWord word, parse_host_word(expression, text, grammar));
    Product product(word);
    do {
      bytes += product.name_size();
      if (hosts.size() == limit || bytes > kMostBytes) {
        return bad_host_list(expression, text,
                             fmt::format("more than {} hosts or 256 MiB of names", limit));
      }
      hosts.push_back(product.name());
    } while (product.advance());
  }
}

}  // namespace toolkit::cluster
