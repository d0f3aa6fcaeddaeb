/* Loads DLLs by their paths as Python's cffi does on Windows, each with what lies beside it: names those that fail. */
#include <stdio.h>
#include <windows.h>

int main(int count, char **paths) {
    int failed = 0;
    for (int at = 1; at < count; at++) {
        if (LoadLibraryExA(paths[at], NULL, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS)) continue;
        printf("%s (error %lu)\n", paths[at], GetLastError());
        failed = 1;
    }
    return failed;
}
