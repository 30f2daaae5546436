set(STAMPER_TESTS level_test.cpp restorer_test.cpp stamper_test.cpp)
