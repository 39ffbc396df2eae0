; Written for this test in the form of p0f.fp; the systems are invented. A label with "refused" says what must become of a signature.

classes = unix,other

[mtu]
label = LAB refused network
sig   = 1500

[tcp:request]
label = s:unix:LAB:5.x
sig   = *:64:0:0:65535,0::df,id+:0
sig   = *:64:0:*:mss*31,9:mss,sok,ts,nop,ws,nop:df,id+:0

label = g:unix:LAB:4.x-5.x
sig   = *:54+10:0:*:mss*31,*:mss,sok,ts,nop,ws,nop:df,id+:0

label = s:unix:LAB:refused
sys   = @unix
sig   = 6:64:0:*:mss*30,9:mss:df,id+:0
sig   = *:64-:0:*:mss*30,9:mss:df,id+:0
sig   = *:64:0:*:mss*30,9:mss:df,ecn:0
sig   = *:64:0:*:%1024,9:mss:df:0

[tcp:response]
label = s:unix:LAB:refused answer
sig   = *:64:0:*:mss*30,9:mss:df:0

[http:request]
ua_os = LabOS
label = s:!:LAB browser:1.x
sig   = 1:Host,User-Agent,Accept=[*/*]:Via:LabBrowser/

label = s:!:LAB refused browser:1.x
sig   = 1:Host,User-Agent::Mozilla/
sig   = 1:Host,Accept::
