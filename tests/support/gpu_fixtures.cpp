#include "gpu_fixtures.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace toolkit::support {
namespace {

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, '\t');) {
    cells.push_back(cell == "-" ? "" : cell);
  }
  return cells;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) {
    words.push_back(word);
  }
  return words;
}

}  // namespace

std::vector<GpuFixture> gpu_fixtures() {
  const std::string folder = TOOLKIT_GPU_FIXTURES;
  std::vector<GpuFixture> fixtures;
  std::ifstream file(folder + "/expected.tsv");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) {
      continue;
    }
    std::vector<std::string> cells = cells_of(line);
    cells.resize(6);
    fixtures.push_back({cells[0], folder + "/" + cells[0] + ".json", cells[1], cells[2], cells[3],
                        std::stoi(cells[4]), words_of(cells[5])});
  }
  return fixtures;
}

std::vector<std::string> unexpected_gpu_fixtures() {
  const auto known = gpu_fixtures();
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(TOOLKIT_GPU_FIXTURES)) {
    const std::string name = entry.path().stem();
    if (entry.path().extension() == ".json" &&
        std::ranges::find(known, name, &GpuFixture::name) == known.end()) {
      names.push_back(name);
    }
  }
  return names;
}

}  // namespace toolkit::support
