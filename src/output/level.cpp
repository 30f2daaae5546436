#include <toolkit/output/level.hpp>

#include <array>

namespace toolkit::output {

Level detect_level(std::string_view, Level otherwise) { return otherwise; }

std::string_view level_column(Level level) {
  constexpr std::array<std::string_view, 5> columns{"DEBUG", " INFO", " WARN", "ERROR", "FATAL"};
  return columns[static_cast<std::size_t>(level)];
}

}  // namespace toolkit::output
