/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Puts concatenated messages together again (3GPP TS 23.040 §9.2.3.24.1). Segments may come in any
 * order and more than once; what never gets whole is pushed out by what comes later.
 */

#include "sim-sms.h"

#define MESSAGES_MAX 4

typedef struct
{
  GBytes *address;
  guint reference;
  guint total;
  gboolean is_wanted; /* the first segment came and names the packet that is collected */
  guint n_parts;
  GBytes **parts;
} Message;

struct _SimSmsAssembly
{
  SimSmsPacket packet;
  GPtrArray *messages;
};

static void
message_free (Message *message)
{
  g_bytes_unref (message->address);
  for (guint i = 0; i < message->total; i++)
    g_clear_pointer (&message->parts[i], g_bytes_unref);
  g_free (message->parts);
  g_free (message);
}

SimSmsAssembly *
sim_sms_assembly_new (SimSmsPacket packet)
{
  SimSmsAssembly *assembly = g_new0 (SimSmsAssembly, 1);

  assembly->packet = packet;
  assembly->messages = g_ptr_array_new_with_free_func ((GDestroyNotify) message_free);
  return assembly;
}

void
sim_sms_assembly_free (SimSmsAssembly *assembly)
{
  if (assembly == NULL)
    return;
  g_ptr_array_unref (assembly->messages);
  g_free (assembly);
}

void
sim_sms_assembly_reset (SimSmsAssembly *assembly)
{
  g_ptr_array_set_size (assembly->messages, 0);
}

static gboolean
is_segment_of (const Message *message, const SimSms *sms)
{
  return message->reference == sms->reference && message->total == sms->total
         && ea_span_equal (ea_span_from_bytes (message->address), sms->address);
}

static Message *
find_or_add (SimSmsAssembly *assembly, const SimSms *sms)
{
  Message *message;

  for (guint i = 0; i < assembly->messages->len; i++)
    {
      message = g_ptr_array_index (assembly->messages, i);
      if (is_segment_of (message, sms))
        return message;
    }

  if (assembly->messages->len == MESSAGES_MAX)
    g_ptr_array_remove_index (assembly->messages, 0);
  message = g_new0 (Message, 1);
  message->address = ea_span_to_bytes (sms->address);
  message->reference = sms->reference;
  message->total = sms->total;
  message->parts = g_new0 (GBytes *, sms->total);
  g_ptr_array_add (assembly->messages, message);
  return message;
}

static GBytes *
join (const Message *message)
{
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  for (guint i = 0; i < message->total; i++)
    ea_writer_bytes (&writer, ea_span_from_bytes (message->parts[i]));
  return ea_writer_steal (&writer);
}

GBytes *
sim_sms_assembly_add (SimSmsAssembly *assembly, const SimSms *sms)
{
  g_autoptr (GBytes) packet = NULL;
  Message *message;

  if (sms->total <= 1)
    return sms->packet == assembly->packet ? ea_span_to_bytes (sms->body) : NULL;

  message = find_or_add (assembly, sms);
  if (message->parts[sms->index - 1] == NULL)
    {
      message->parts[sms->index - 1] = ea_span_to_bytes (sms->body);
      message->n_parts++;
    }
  if (sms->index == 1)
    message->is_wanted = sms->packet == assembly->packet;
  if (message->n_parts < message->total)
    return NULL;

  if (message->is_wanted)
    packet = join (message);
  g_ptr_array_remove (assembly->messages, message);
  return g_steal_pointer (&packet);
}
