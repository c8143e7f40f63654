/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* "euicc-sim ctl DIR COMMAND …": @arguments begins with DIR. Returns: exit status, 0 for a good
 * reply, 1 for an error, 2 for wrong usage */
int sim_ctl_main (int n_arguments, char **arguments);
