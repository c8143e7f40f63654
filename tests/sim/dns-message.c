/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dns-message.h"

#define FLAG_RESPONSE 0x8000
#define FLAG_TRUNCATED 0x0200
#define FLAG_RECURSION_DESIRED 0x0100
#define FLAG_RECURSION_AVAILABLE 0x0080
#define OPCODE_MASK 0x7800
#define CLASS_INTERNET 1
#define LABEL_MAX 63
#define NAME_MAX_OCTETS 255

/* The name of the question, which is behind the header */
#define NAME_POINTER 0xC00C
#define HEADER_SIZE 12

/* Pointer, type, class, time to live and length of an answer */
#define ANSWER_HEAD_SIZE 12

void
sim_dns_query_clear (SimDnsQuery *query)
{
  g_clear_pointer (&query->name, g_free);
}

/* (transfer full) (nullable): labels up to the root */
static char *
read_name (EaReader *reader)
{
  g_autoptr (GString) name = g_string_new (NULL);
  guint8 size;

  while ((size = ea_reader_u8 (reader)) > 0)
    {
      EaSpan label = ea_reader_bytes (reader, size);

      if (!ea_reader_is_ok (reader) || size > LABEL_MAX || name->len + size >= NAME_MAX_OCTETS)
        return NULL;
      if (name->len > 0)
        g_string_append_c (name, '.');
      g_string_append_len (name, (const char *) label.data, (gssize) label.size);
    }
  return ea_reader_is_ok (reader) ? g_strdup (name->str) : NULL;
}

gboolean
sim_dns_query_parse (SimDnsQuery *out, EaSpan message)
{
  SimDnsQuery query = { 0 };
  EaSpan behind_header = ea_span_tail (message, MIN (message.size, HEADER_SIZE));
  EaReader reader;
  guint16 n_questions;
  guint16 class;

  ea_reader_init (&reader, message);
  query.id = ea_reader_u16be (&reader);
  query.flags = ea_reader_u16be (&reader);
  n_questions = ea_reader_u16be (&reader);
  (void) ea_reader_bytes (&reader, 3 * sizeof (guint16)); /* extensions are passed over */
  query.name = read_name (&reader);
  query.type = ea_reader_u16be (&reader);
  class = ea_reader_u16be (&reader);
  if (query.name == NULL || !ea_reader_is_ok (&reader) || n_questions != 1
      || class != CLASS_INTERNET || (query.flags & FLAG_RESPONSE) != 0)
    {
      sim_dns_query_clear (&query);
      return FALSE;
    }
  query.question = ea_span_head (behind_header, behind_header.size - ea_reader_remaining (&reader));
  *out = query;
  return TRUE;
}

gboolean
sim_dns_fits (guint16 type, GInetAddress *address)
{
  return type
         == (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6 ? SIM_DNS_TYPE_AAAA
                                                                         : SIM_DNS_TYPE_A);
}

static guint
count_answers (const SimDnsQuery *query, const GPtrArray *addresses)
{
  guint n_answers = 0;

  for (guint i = 0; i < addresses->len; i++)
    n_answers += sim_dns_fits (query->type, g_ptr_array_index (addresses, i)) ? 1 : 0;
  return n_answers;
}

static void
write_answers (EaWriter *writer, const SimDnsQuery *query, const GPtrArray *addresses,
               guint32 ttl_s, guint n_answers)
{
  for (guint i = 0; i < addresses->len && n_answers > 0; i++)
    {
      GInetAddress *address = g_ptr_array_index (addresses, i);
      gsize size = g_inet_address_get_native_size (address);

      if (!sim_dns_fits (query->type, address))
        continue;
      n_answers--;
      ea_writer_u16be (writer, NAME_POINTER);
      ea_writer_u16be (writer, query->type);
      ea_writer_u16be (writer, CLASS_INTERNET);
      ea_writer_u32be (writer, ttl_s);
      ea_writer_u16be (writer, (guint16) size);
      ea_writer_bytes (writer, ea_span_init (g_inet_address_to_bytes (address), size));
    }
}

GBytes *
sim_dns_build_response (const SimDnsQuery *query, SimDnsStatus status, const GPtrArray *addresses,
                        guint32 ttl_s, gboolean is_truncated)
{
  gsize size = ANSWER_HEAD_SIZE + (query->type == SIM_DNS_TYPE_AAAA ? 16 : 4);
  guint n_room = (guint) ((SIM_DNS_MESSAGE_MAX - HEADER_SIZE - query->question.size) / size);
  guint n_answers = is_truncated ? 0 : count_answers (query, addresses);
  guint16 flags = FLAG_RESPONSE | FLAG_RECURSION_AVAILABLE;
  g_auto (EaWriter) writer = { NULL };

  flags |= query->flags & (OPCODE_MASK | FLAG_RECURSION_DESIRED);
  if (is_truncated || n_answers > n_room)
    flags |= FLAG_TRUNCATED;
  n_answers = MIN (n_answers, n_room);
  ea_writer_init (&writer);
  ea_writer_u16be (&writer, query->id);
  ea_writer_u16be (&writer, (guint16) (flags | status));
  ea_writer_u16be (&writer, 1);
  ea_writer_u16be (&writer, (guint16) n_answers);
  ea_writer_u32be (&writer, 0); /* no authorities, nothing additional */
  ea_writer_bytes (&writer, query->question);
  write_answers (&writer, query, addresses, ttl_s, n_answers);
  return ea_writer_steal (&writer);
}
