/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* How the SM-SR's listeners misbehave when a test wants it: the control command "fail smsr". */

/**
 * SimSmsrFaultKind:
 * @SIM_SMSR_FAULT_REFUSE: nobody listens
 * @SIM_SMSR_FAULT_STALL: a connection is kept, but nothing is read or sent any more; it ends with the
 *   fault
 * @SIM_SMSR_FAULT_CLOSE: a connection ends with FIN, a CAT_TP link with RST
 * @SIM_SMSR_FAULT_RESET: a connection is reset; CAT_TP's socket is closed
 * @SIM_SMSR_FAULT_FLOOD: a connection gets octets without sense or end, a CAT_TP link many PDUs that
 *   are wrong with each that is right
 */
typedef enum
{
  SIM_SMSR_FAULT_NONE,
  SIM_SMSR_FAULT_REFUSE,
  SIM_SMSR_FAULT_STALL,
  SIM_SMSR_FAULT_CLOSE,
  SIM_SMSR_FAULT_RESET,
  SIM_SMSR_FAULT_FLOOD,
} SimSmsrFaultKind;

/* @after: octets that each connection gets before the fault begins; the transport's, not TLS's */
typedef struct
{
  SimSmsrFaultKind kind;
  gsize after;
} SimSmsrFault;
