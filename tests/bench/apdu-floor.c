/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * apdu-floor [--durable=FILE SIZE] PORT REQUESTS...: what libqmi alone costs a client that brings
 * APDUs to a card. REQUESTS is a file with a line for each request to the service UIM, "MESSAGE
 * TLVS" in hexadecimal; each waits for the response to the one before, and for the indications that
 * bring an R-APDU which is too long for it. Prints for each file the CPU time and the time that its
 * requests have taken together, in nanoseconds. With FILE so many bytes more are in it, and on the
 * disk, before each APDU is sent but GET RESPONSE.
 */

#include <fcntl.h>
#include <libqmi-glib.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_S 10
#define CTL_ALLOCATE_CID 0x0022
#define TLV_SERVICE 0x01
#define TLV_CLIENT 0x01
#define TLV_RESULT 0x02
#define TLV_LONG_RESPONSE 0x11
#define TLV_CHUNK 0x01
#define UIM_SEND_APDU 0x003B
#define TLV_APDU 0x02
#define APDU_INS_OFFSET 3 /* behind its length, and CLA */
#define INS_GET_RESPONSE 0xC0
#define LONG_RESPONSE_SIZE 6 /* bytes: size of the R-APDU, token */
#define CHUNK_HEADER_SIZE 10 /* bytes: token, size of the R-APDU, offset, size of the chunk */

typedef struct
{
  guint16 message;
  GByteArray *tlvs;
} Request;

static struct
{
  GMainLoop *loop;
  QmiDevice *device;
  guint8 cid;
  guint16 transaction;
  char **paths;     /* of the files that are to come */
  GArray *requests; /* of Request */
  guint next;
  guint n_missing; /* bytes of a long R-APDU */
  /* Bytes that came before the response which tells of it: libqmi may give indications first */
  guint n_early;
  gint64 start_cpu_ns;
  gint64 start_ns;
  int file; /* -1: nothing is durable */
  off_t file_size;
  GBytes *entry; /* that comes to it */
} floor_state;

static void
fail (const char *what, GError *error)
{
  g_printerr ("apdu-floor: %s: %s\n", what, error != NULL ? error->message : "refused");
  exit (EXIT_FAILURE);
}

static gint64
get_ns (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
read_request (const char *line)
{
  char *rest;
  Request request = { (guint16) g_ascii_strtoull (line, &rest, 16), g_byte_array_new () };

  for (rest = g_strstrip (rest); rest[0] != '\0' && rest[1] != '\0'; rest += 2)
    {
      guint8 byte = (guint8) (g_ascii_xdigit_value (rest[0]) << 4 | g_ascii_xdigit_value (rest[1]));

      g_byte_array_append (request.tlvs, &byte, 1);
    }
  g_array_append_val (floor_state.requests, request);
}

static void
clear_request (gpointer request)
{
  g_byte_array_unref (((Request *) request)->tlvs);
}

static void
read_requests (const char *path)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    fail (path, NULL);
  lines = g_strsplit (g_strstrip (text), "\n", -1);
  g_array_set_size (floor_state.requests, 0);
  floor_state.next = 0;
  for (guint i = 0; lines[i] != NULL; i++)
    read_request (lines[i]);
}

static guint16
next_transaction (void)
{
  if (++floor_state.transaction == 0)
    ++floor_state.transaction;
  return floor_state.transaction;
}

static void
write_entry (void)
{
  gsize size;
  const void *bytes = g_bytes_get_data (floor_state.entry, &size);

  if (pwrite (floor_state.file, bytes, size, floor_state.file_size) != (ssize_t) size
      || fdatasync (floor_state.file) != 0)
    fail ("FILE", NULL);
  floor_state.file_size += (off_t) size;
}

/* An APDU, and none that only fetches the response to another */
static gboolean
is_command (QmiMessage *message)
{
  guint16 size = 0;
  const guint8 *value = qmi_message_get_raw_tlv (message, TLV_APDU, &size);

  return qmi_message_get_message_id (message) == UIM_SEND_APDU && value != NULL
         && size > APDU_INS_OFFSET && value[APDU_INS_OFFSET] != INS_GET_RESPONSE;
}

static void send_next (void);

static void
await_chunks (void)
{
  guint size = MIN (floor_state.n_early, floor_state.n_missing);

  floor_state.n_missing -= size;
  floor_state.n_early -= size;
  if (floor_state.n_missing == 0)
    send_next ();
}

static void
on_indication (QmiDevice *device, QmiMessage *message)
{
  guint16 size = 0;

  if (qmi_message_get_message_id (message) != UIM_SEND_APDU
      || qmi_message_get_raw_tlv (message, TLV_CHUNK, &size) == NULL || size < CHUNK_HEADER_SIZE)
    return;
  floor_state.n_early += size - CHUNK_HEADER_SIZE;
  if (floor_state.n_missing > 0)
    await_chunks ();
}

static void
on_responded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) message
      = qmi_device_command_full_finish (QMI_DEVICE (source), result, &error);
  const guint8 *value;
  guint16 size = 0;

  value = message != NULL ? qmi_message_get_raw_tlv (message, TLV_RESULT, &size) : NULL;
  if (value == NULL || size < 2 || value[0] != 0)
    fail ("request", error);
  value = qmi_message_get_message_id (message) == UIM_SEND_APDU
              ? qmi_message_get_raw_tlv (message, TLV_LONG_RESPONSE, &size)
              : NULL;
  if (value != NULL && size == LONG_RESPONSE_SIZE)
    floor_state.n_missing = value[0] | value[1] << 8;
  await_chunks ();
}

static void
start_file (void)
{
  if (*floor_state.paths == NULL)
    {
      g_main_loop_quit (floor_state.loop);
      return;
    }
  read_requests (*floor_state.paths++);
  floor_state.start_cpu_ns = get_ns (CLOCK_PROCESS_CPUTIME_ID);
  floor_state.start_ns = get_ns (CLOCK_MONOTONIC);
  send_next ();
}

static void
send_next (void)
{
  g_autoptr (QmiMessage) message = NULL;
  const Request *request;

  if (floor_state.next == floor_state.requests->len)
    {
      g_print ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n",
               get_ns (CLOCK_PROCESS_CPUTIME_ID) - floor_state.start_cpu_ns,
               get_ns (CLOCK_MONOTONIC) - floor_state.start_ns);
      start_file ();
      return;
    }
  request = &g_array_index (floor_state.requests, Request, floor_state.next++);
  message
      = qmi_message_new (QMI_SERVICE_UIM, floor_state.cid, next_transaction (), request->message);
  for (const guint8 *tlv = request->tlvs->data; tlv < request->tlvs->data + request->tlvs->len;
       tlv += 3 + (tlv[1] | tlv[2] << 8))
    (void) qmi_message_add_raw_tlv (message, tlv[0], tlv + 3, (gsize) (tlv[1] | tlv[2] << 8),
                                    NULL); /* it has room */
  if (floor_state.file >= 0 && is_command (message))
    write_entry ();
  qmi_device_command_full (floor_state.device, message, NULL, TIMEOUT_S, NULL, on_responded, NULL);
}

static void
on_allocated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QmiMessage) message
      = qmi_device_command_full_finish (QMI_DEVICE (source), result, &error);
  const guint8 *client;
  guint16 size = 0;

  client = message != NULL ? qmi_message_get_raw_tlv (message, TLV_CLIENT, &size) : NULL;
  if (client == NULL || size != 2)
    fail ("Allocate CID", error);
  floor_state.cid = client[1];
  start_file ();
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  const guint8 service = QMI_SERVICE_UIM;
  g_autoptr (QmiMessage) message
      = qmi_message_new (QMI_SERVICE_CTL, QMI_CID_NONE, 0, CTL_ALLOCATE_CID);
  GError *error = NULL;

  if (!qmi_device_open_finish (QMI_DEVICE (source), result, &error))
    fail ("open", error);
  (void) qmi_message_add_raw_tlv (message, TLV_SERVICE, &service, 1, NULL); /* it has room */
  qmi_device_command_full (floor_state.device, message, NULL, TIMEOUT_S, NULL, on_allocated, NULL);
}

static void
on_device (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  floor_state.device = qmi_device_new_finish (result, &error);
  if (floor_state.device == NULL)
    fail ("device", error);
  g_signal_connect (floor_state.device, "indication", G_CALLBACK (on_indication), NULL);
  qmi_device_open (floor_state.device, QMI_DEVICE_OPEN_FLAGS_VERSION_INFO, TIMEOUT_S, NULL,
                   on_opened, NULL);
}

static void
open_file (const char *path, const char *size)
{
  gsize n_bytes = (gsize) g_ascii_strtoull (size, NULL, 10);

  floor_state.entry = g_bytes_new_take (g_malloc0 (n_bytes), n_bytes);
  floor_state.file = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (floor_state.file < 0)
    fail (path, NULL);
}

int
main (int argc, char **argv)
{
  static const char durable[] = "--durable=";
  g_autoptr (GFile) port = NULL;

  floor_state.file = -1;
  if (argc > 2 && g_str_has_prefix (argv[1], durable))
    {
      open_file (argv[1] + strlen (durable), argv[2]);
      argv += 2;
      argc -= 2;
    }
  if (argc < 3)
    {
      g_printerr ("usage: apdu-floor [--durable=FILE SIZE] PORT REQUESTS...\n");
      return EXIT_FAILURE;
    }
  port = g_file_new_for_path (argv[1]);
  floor_state.paths = argv + 2;
  floor_state.requests = g_array_new (FALSE, FALSE, sizeof (Request));
  g_array_set_clear_func (floor_state.requests, clear_request);
  floor_state.loop = g_main_loop_new (NULL, FALSE);
  qmi_device_new (port, NULL, on_device, NULL);
  g_main_loop_run (floor_state.loop);
  return EXIT_SUCCESS;
}
