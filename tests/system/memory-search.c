/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Mappings and their flags come from /proc/PID/smaps, their bytes from /proc/PID/mem. */

#include "memory-search.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FLAGS_LABEL "VmFlags:"
#define CHUNK_SIZE 0x100000

#if defined __has_feature
#if __has_feature(address_sanitizer)
#define IS_SANITIZED TRUE
#endif
#elif defined __SANITIZE_ADDRESS__
#define IS_SANITIZED TRUE
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED FALSE
#endif

typedef struct
{
  const char *name;
  GBytes *bytes;
} Pattern;

typedef struct
{
  guint64 start;
  guint64 end;
  gboolean is_readable;
  gboolean is_locked;
  char *flags;
  char *description; /* the line of smaps */
} Mapping;

typedef struct
{
  int memory;
  const GPtrArray *patterns;
  GString *found;
  guint n_locked;
} Search;

static void
pattern_free (gpointer data)
{
  Pattern *pattern = data;

  g_bytes_unref (pattern->bytes);
  g_free (pattern);
}

static void
mapping_free (gpointer data)
{
  Mapping *mapping = data;

  g_free (mapping->flags);
  g_free (mapping->description);
  g_free (mapping);
}

GPtrArray *
memory_patterns_new (void)
{
  return g_ptr_array_new_with_free_func (pattern_free);
}

void
memory_patterns_add (GPtrArray *patterns, const char *name, gconstpointer bytes, gsize size)
{
  Pattern *pattern = g_new0 (Pattern, 1);

  pattern->name = name;
  pattern->bytes = g_bytes_new (bytes, size);
  g_ptr_array_add (patterns, pattern);
}

void
memory_patterns_add_secret (GPtrArray *patterns, const char *name, const char *hex)
{
  g_autofree char *lower = g_ascii_strdown (hex, -1);
  g_autofree char *upper = g_ascii_strup (hex, -1);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (gsize i = 0; hex[i] != '\0'; i += 2)
    {
      guint8 byte
          = (guint8) (g_ascii_xdigit_value (hex[i]) << 4 | g_ascii_xdigit_value (hex[i + 1]));

      g_byte_array_append (bytes, &byte, 1);
    }
  memory_patterns_add (patterns, name, bytes->data, bytes->len);
  memory_patterns_add (patterns, name, lower, strlen (lower));
  memory_patterns_add (patterns, name, upper, strlen (upper));
}

const char *
memory_patterns_find (const GPtrArray *patterns, gconstpointer bytes, gsize size)
{
  for (guint i = 0; i < patterns->len; i++)
    {
      const Pattern *pattern = g_ptr_array_index (patterns, i);
      gsize pattern_size;
      gconstpointer wanted = g_bytes_get_data (pattern->bytes, &pattern_size);

      if (memmem (bytes, size, wanted, pattern_size) != NULL)
        return pattern->name;
    }
  return NULL;
}

static gboolean
has_flag (const char *line, const char *flag)
{
  g_auto (GStrv) flags = g_strsplit (line, " ", -1);

  return g_strv_contains ((const char *const *) flags, flag);
}

/* A line of smaps that begins a mapping: "START-END PERMISSIONS …" in hexadecimal, lower case. */
static Mapping *
read_mapping (const char *line)
{
  unsigned long long start;
  unsigned long long end;
  char readable;
  Mapping *mapping;

  if (sscanf (line, "%llx-%llx %c", &start, &end, &readable) != 3)
    return NULL;
  mapping = g_new0 (Mapping, 1);
  mapping->start = start;
  mapping->end = end;
  mapping->is_readable = readable == 'r' && strstr (line, "[v") == NULL;
  mapping->description = g_strdup (line);
  return mapping;
}

static void
take_flags (Mapping *mapping, const char *flags)
{
  mapping->flags = g_strdup (flags);
  mapping->is_locked = has_flag (flags, "lo") && has_flag (flags, "dd");
}

static GPtrArray *
read_mappings (int pid)
{
  GPtrArray *mappings = g_ptr_array_new_with_free_func (mapping_free);
  g_autofree char *path = g_strdup_printf ("/proc/%d/smaps", pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    fail_msg ("%s can't be read", path);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      Mapping *mapping = read_mapping (*line);

      if (mapping != NULL)
        g_ptr_array_add (mappings, mapping);
      else if (g_str_has_prefix (*line, FLAGS_LABEL))
        take_flags (g_ptr_array_index (mappings, mappings->len - 1), *line + strlen (FLAGS_LABEL));
    }
  return mappings;
}

static void
search_bytes (Search *search, const Mapping *mapping, const guint8 *bytes, gsize size,
              guint64 address)
{
  for (guint i = 0; i < search->patterns->len; i++)
    {
      const Pattern *pattern = g_ptr_array_index (search->patterns, i);
      gsize pattern_size;
      gconstpointer wanted = g_bytes_get_data (pattern->bytes, &pattern_size);
      const guint8 *found = bytes;

      while ((found = memmem (found, size - (gsize) (found - bytes), wanted, pattern_size)) != NULL)
        {
          if (mapping->is_locked)
            search->n_locked++;
          else
            g_string_append_printf (search->found, "%s at %" G_GINT64_MODIFIER "x in %s\n",
                                    pattern->name, address + (guint64) (found - bytes),
                                    mapping->description);
          found++;
        }
    }
}

/* Whole mappings, so that nothing hides between two chunks. What was never touched is not there: it reads as
 * zeros or not at all. */
static void
search_mapping (Search *search, const Mapping *mapping)
{
  gsize size = (gsize) (mapping->end - mapping->start);
  g_autofree guint8 *bytes = g_malloc (size);
  gsize n_read = 0;
  gssize n = 1;

  while (n > 0 && n_read < size)
    {
      n = pread (search->memory, bytes + n_read, MIN (CHUNK_SIZE, size - n_read),
                 (off_t) (mapping->start + n_read));
      n_read += (gsize) MAX (n, 0);
    }
  search_bytes (search, mapping, bytes, n_read, mapping->start);
}

char *
memory_search (int pid, const GPtrArray *patterns, guint *n_locked)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/mem", pid);
  g_autoptr (GPtrArray) mappings = read_mappings (pid);
  Search search = { .memory = open (path, O_RDONLY | O_CLOEXEC), .patterns = patterns };

  if (search.memory < 0)
    fail_msg ("%s: %s", path, g_strerror (errno));
  search.found = g_string_new (NULL);
  for (guint i = 0; i < mappings->len; i++)
    {
      const Mapping *mapping = g_ptr_array_index (mappings, i);

      if (mapping->is_readable)
        search_mapping (&search, mapping);
    }
  close (search.memory);
  if (n_locked != NULL)
    *n_locked = search.n_locked;
  return g_string_free (search.found, FALSE);
}

char *
memory_get_flags (int pid, gconstpointer address)
{
  g_autoptr (GPtrArray) mappings = read_mappings (pid);

  for (guint i = 0; i < mappings->len; i++)
    {
      const Mapping *mapping = g_ptr_array_index (mappings, i);

      if ((guintptr) address >= mapping->start && (guintptr) address < mapping->end)
        return g_strdup_printf ("%.4s%s", strchr (mapping->description, ' ') + 1, mapping->flags);
    }
  fail_msg ("nothing is mapped at %p", address);
  return NULL;
}

gboolean
memory_can_be_searched (void)
{
  return !IS_SANITIZED && geteuid () == 0 && access ("/proc/self/smaps", R_OK) == 0;
}
