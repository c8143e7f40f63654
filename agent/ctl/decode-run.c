/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * `euiccctl decode` as a program: its arguments, the key file, items from the command line or one a line from
 * standard input, the exit status.
 */

#include "ctl/decode-run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/scp80-crypto.h"
#include "ctl/decode.h"

#define EXIT_USAGE 2
#define KEY_FILE_MAX 0x100000 /* bytes */
#define BLANKS " \t\r\n"

static int fail_usage (const char *format, ...) G_GNUC_PRINTF (1, 2);

static int
fail_usage (const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("euiccctl: %s\n", message);
  return EXIT_USAGE;
}

static int
fail_errno (const char *what)
{
  g_printerr ("euiccctl: %s: %s\n", what, g_strerror (errno));
  return EXIT_FAILURE;
}

/* All of @path into @text of %KEY_FILE_MAX bytes. Not with stdio, whose buffers would keep the keys. Returns: the
 * size, or -1 with errno */
static gssize
read_key_file (const char *path, char *text)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gssize size = 0;
  gssize n_read = fd >= 0 ? 1 : -1;

  while (n_read > 0 && size < KEY_FILE_MAX)
    {
      n_read = read (fd, text + size, (gsize) (KEY_FILE_MAX - size));
      size += MAX (n_read, 0);
    }
  if (fd >= 0)
    close (fd);
  if (size == KEY_FILE_MAX)
    errno = EFBIG;
  return n_read < 0 || size == KEY_FILE_MAX ? -1 : size;
}

/* Keys, and the text that they lie in. */
typedef struct
{
  char *text;
  EaKeys *keys;
} KeyFile;

static void
key_file_clear (KeyFile *file)
{
  g_clear_pointer (&file->keys, ea_keys_free);
  if (file->text != NULL)
    ea_scp80_wipe (file->text, KEY_FILE_MAX);
  g_clear_pointer (&file->text, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KeyFile, key_file_clear)

/* FALSE when what is wrong with @path was said on standard error */
static gboolean
key_file_load (KeyFile *file, const char *path)
{
  g_autoptr (GError) error = NULL;
  gssize size;

  file->text = g_malloc (KEY_FILE_MAX);
  size = read_key_file (path, file->text);
  if (size < 0)
    {
      (void) fail_errno (path);
      return FALSE;
    }
  file->keys = ea_keys_parse ((guint8 *) file->text, (gsize) size, &error);
  if (file->keys == NULL)
    g_printerr ("euiccctl: %s: %s\n", path, error->message);
  return file->keys != NULL;
}

static gboolean
wants_colours (void)
{
  return isatty (STDOUT_FILENO) != 0 && g_getenv ("NO_COLOR") == NULL
         && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
}

/* Each item as soon as it was read: somebody may wait for it at the other end. */
static int
decode_lines (EaDecoder *decoder, FILE *input)
{
  g_autofree char *line = NULL;
  int status = EXIT_SUCCESS;
  gsize capacity = 0;
  guint n_lines = 0;
  gssize size;

  while ((size = getline (&line, &capacity, input)) >= 0)
    {
      n_lines++;
      if (line[size - 1] == '\n')
        line[--size] = '\0';
      if (strspn (line, BLANKS) == (gsize) size)
        continue;
      if (!ea_decoder_run (decoder, line, (gsize) size))
        status = EXIT_FAILURE;
      if (decoder->format == EA_REPORT_TABLE)
        printf ("%sline %u: ", n_lines > 1 ? "\n" : "", n_lines);
      if (fputs (decoder->out->str, stdout) == EOF || fflush (stdout) != 0)
        return fail_errno ("standard output");
    }
  return ferror (input) ? fail_errno ("standard input") : status;
}

static int
decode_argument (EaDecoder *decoder, const char *hex)
{
  gboolean is_good = ea_decoder_run (decoder, hex, strlen (hex));

  if (fputs (decoder->out->str, stdout) == EOF || fflush (stdout) != 0)
    return fail_errno ("standard output");
  return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
decode (EaDecoder *decoder, const EaDecodeCall *call)
{
  g_autofree char *hex = g_strjoinv (" ", call->hex);

  if (call->hex[0] != NULL && strcmp (hex, "-") != 0)
    return decode_argument (decoder, hex);
  if (isatty (STDIN_FILENO) != 0)
    g_printerr ("One item a line, in hexadecimal; Ctrl-D ends.\n");
  return decode_lines (decoder, stdin);
}

static int
print_kinds (void)
{
  g_autofree char *kinds = ea_decode_describe_kinds ();

  g_print ("%s", kinds);
  return EXIT_SUCCESS;
}

int
ea_decode_run (const EaDecodeCall *call)
{
  EaDecodeOptions options = { .has_smsc = call->has_smsc };
  g_auto (EaDecoder) decoder = { 0 };
  g_auto (KeyFile) file = { 0 };
  const char *kind;

  if (strcmp (call->kind, "help") == 0 && call->hex[0] == NULL)
    return print_kinds ();
  if (ea_decode_find (call->kind, &kind) == NULL)
    return fail_usage ("there is no kind '%s'; 'euiccctl decode help' lists them", call->kind);
  if (call->form != NULL && !ea_decode_parse_form (call->form, &options.form))
    return fail_usage ("--form is sms, cat-tp, ber or comprehension, not '%s'", call->form);
  if (call->key_file != NULL && !key_file_load (&file, call->key_file))
    return EXIT_FAILURE;
  options.keys = file.keys;

  ea_decoder_init (&decoder, call->kind, &options, call->format);
  decoder.is_coloured = wants_colours ();
  return decode (&decoder, call);
}
