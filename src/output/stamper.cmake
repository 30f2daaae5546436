set(STAMPER_SOURCES fold.cpp format_cri.cpp format_json.cpp format_raw.cpp format_text.cpp level.cpp
  level_names.cpp level_scan.cpp level_words.cpp line_assembler.cpp restorer.cpp stamp_clock.cpp
  stamper.cpp)
