/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands of the control socket that have to do with the name server. */
#include <string.h>

#include "command.h"
#include "smsr-server.h"

#define USAGE                                                                                      \
  "error usage: dns NAME [ADDRESS...] [--ttl S] "                                                  \
  "[--fail nxdomain|servfail|silent|truncated|lie] [--count N]"

static gboolean
find_fault (const char *word, SimDnsFault *fault)
{
  static const char *const words[] = {
    [SIM_DNS_FAULT_NXDOMAIN] = "nxdomain", [SIM_DNS_FAULT_SERVFAIL] = "servfail",
    [SIM_DNS_FAULT_SILENT] = "silent",     [SIM_DNS_FAULT_TRUNCATED] = "truncated",
    [SIM_DNS_FAULT_LIE] = "lie",
  };

  for (gsize i = SIM_DNS_FAULT_NXDOMAIN; i < G_N_ELEMENTS (words); i++)
    {
      if (strcmp (words[i], word) != 0)
        continue;
      *fault = (SimDnsFault) i;
      return TRUE;
    }
  return FALSE;
}

static gboolean
read_option (SimDnsEntry *entry, const char *name, const char *value)
{
  if (value == NULL)
    return FALSE;
  if (strcmp (name, "--ttl") == 0)
    return sim_command_read_number (value, 10, G_MAXINT32, &entry->ttl_s);
  if (strcmp (name, "--count") == 0)
    return sim_command_read_number (value, 10, G_MAXINT32, &entry->n_left);
  return strcmp (name, "--fail") == 0 && find_fault (value, &entry->fault);
}

/* Addresses, and options in any place */
static gboolean
read_words (SimDnsEntry *entry, char **words)
{
  for (; *words != NULL; words++)
    {
      GInetAddress *address;

      if (g_str_has_prefix (*words, "--"))
        {
          if (!read_option (entry, words[0], words[1]))
            return FALSE;
          words++;
          continue;
        }
      address = g_inet_address_new_from_string (*words);
      if (address == NULL)
        return FALSE;
      g_ptr_array_add (entry->addresses, address);
    }
  return TRUE;
}

void
sim_command_run_dns (SimCommand *command)
{
  g_autoptr (SimDnsEntry) entry = sim_dns_entry_new ();
  SimSmsrServer *server = command->modem->options.smsr;

  if (command->n_words == 0 || !read_words (entry, command->words + 1))
    {
      sim_command_finish (command, USAGE);
      return;
    }
  if (server == NULL)
    {
      sim_command_finish (command, "error there is no name server");
      return;
    }
  sim_dns_server_set (sim_smsr_server_get_dns (server), command->words[0],
                      command->n_words == 1 ? NULL : g_steal_pointer (&entry));
  sim_command_finish (command, "ok");
}

void
sim_command_run_dns_queries (SimCommand *command)
{
  SimSmsrServer *server = command->modem->options.smsr;
  g_autofree char *text = NULL;

  if (server == NULL)
    {
      sim_command_finish (command, "error there is no name server");
      return;
    }
  text = sim_dns_server_take_queries (sim_smsr_server_get_dns (server));
  sim_command_finish (command, text);
}
