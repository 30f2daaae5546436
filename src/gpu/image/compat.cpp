// Forward-compatibility packages: a newer libcuda for an older kernel driver, and the note inside
// it that says for which.
#include "elf.hpp"
#include "parts.hpp"

#include <toolkit/gpu/version.hpp>

#include <nlohmann/json.hpp>

namespace toolkit::gpu {
namespace {

std::vector<std::string> numbers(const nlohmann::json& note, const char* name) {
  std::vector<std::string> texts;
  const auto list = note.find(name);
  if (list != note.end() && list->is_array()) {
    for (const auto& item : *list) {
      if (item.is_number_integer()) {
        texts.push_back(std::to_string(item.get<long long>()));
      }
    }
  }
  return texts;
}

// {"Format":1,"CUDA Version":"13.1","Driver":[535,550],"Device":[1,2]}, as
// nvidia-container-toolkit's cuda-compat hook reads it.
void read_note(const std::string& text, CompatLibrary& library) {
  const auto note = nlohmann::json::parse(text.substr(0, text.find('\0')), nullptr, false);
  if (!note.is_object()) {
    library.trouble = "its note is not JSON";
    return;
  }
  const auto cuda = note.find("CUDA Version");
  library.cuda = cuda != note.end() && cuda->is_string() ? cuda->get<std::string>() : "";
  library.driver_branches = numbers(note, "Driver");
  library.devices = numbers(note, "Device");
}

CompatLibrary describe(const Places& places, std::string path, std::string_view name) {
  CompatLibrary library;
  library.path = std::move(path);
  library.version = library_version(name);
  const auto file = FileBytes::open(places.real(library.path));
  const auto elf = file ? read_elf(*file) : tl::unexpected(std::string("it cannot be read"));
  if (!elf) {
    library.trouble = elf.error();
    return library;
  }
  const ElfSection* section = elf->section(".note.cuda.fwd_compatibility");
  if (section == nullptr) {
    library.trouble = "it has no note of what it is compatible with";  // before about CUDA 13
    return library;
  }
  read_note(note_of(*file, *section, "NVIDIA Corporation"), library);
  return library;
}

}  // namespace

std::vector<CompatLibrary> find_compat(const Places& places) {
  std::vector<CompatLibrary> found;
  for (const std::string& toolkit : places.toolkits) {
    const std::string directory = toolkit + "/compat";
    for (const std::string& name : places.names(directory)) {
      if (library_name(name) == "libcuda" && version_part(library_version(name), 1) >= 0) {
        found.push_back(describe(places, directory + "/" + name, name));
      }
    }
  }
  return found;
}

}  // namespace toolkit::gpu
