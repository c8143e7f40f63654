/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card-apdu.h"

/* The files of the enabled profile: 3GPP TS 31.102, ETSI TS 102 221 §13. */

typedef struct _SimFile SimFile;

#define SIM_FILE_MF 0x3F00
#define SIM_FILE_USIM 0x7FFF /* the application's directory, wherever it is */

/* (transfer none) (nullable): a file below @directory, or that directory's own if @id names it */
const SimFile *sim_file_find (const SimFile *directory, guint16 id);

/* (transfer none) (nullable): what SELECT by file identifier reaches from @directory */
const SimFile *sim_file_reach (const SimFile *directory, guint16 id);

/* (transfer none): never NULL */
const SimFile *sim_file_get_mf (void);
const SimFile *sim_file_get_usim (void);

/* (transfer none): the directory that @file is in, itself when it is one */
const SimFile *sim_file_get_directory (const SimFile *file);
gboolean sim_file_is_directory (const SimFile *file);

/* Appends the FCP template (TS 102 221 §11.1.1.3); @aid only for the USIM's directory. */
void sim_file_describe (const SimFile *file, EaSpan aid, GByteArray *out);

/* What of the contents differs from profile to profile: decimal digits */
typedef struct
{
  const char *iccid;
  const char *imsi;
} SimFileSubscriber;

/* READ BINARY and READ RECORD: @file is the one selected, NULL for none. Returns the status word.
 * */
guint16 sim_file_read_binary (const SimFile *directory, const SimFile *file,
                              const SimFileSubscriber *subscriber, const SimApdu *apdu,
                              GByteArray *out);
guint16 sim_file_read_record (const SimFile *directory, const SimFile *file,
                              const SimFileSubscriber *subscriber, const SimApdu *apdu,
                              GByteArray *out);
